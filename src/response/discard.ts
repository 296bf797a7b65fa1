// A body that nobody is to see: thrown away on its way.

import { PromptFilter } from './body-filter.ts'

export class Discard extends PromptFilter {
  protected take(): void {}
}
