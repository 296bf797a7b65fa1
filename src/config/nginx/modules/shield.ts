// The shield's own settings in the same file.

import type { Module } from '../table.ts'

export type ShieldSettings = object

export const shield: Module = {
  name: 'shieldproxy',
  rows: [],
  defaults: {},
}
