// V8's young generation, where every object is to begin: how large it may become in this process, and that nothing passes it
// by. Sets that and nothing else.

import { setUnlessTold } from './v8-flags.ts'

/**
 * Keeps the young generation at the size it has when everything is loaded: two to three MB. To be called once, after
 * the start.
 *
 * Left alone, V8 doubles it up to two times 16 MB in the first burst of requests, and its pages stay. That, and not what
 * a connection retains (1.75 KB of objects), was most of the memory of an idle connection: with 2,000 of them
 * 9 KB each, and less than 2 KB this way; resident memory under load 104 MB, against 155.
 * The price is more frequent collections of less: by samples of the processor (perf, 10 interleaved runs) they take
 * 7.9 % instead of 6.5 % with 16 connections under load, 10.7 % instead of 8.2 % with 128.
 *
 * `--max-semi-space-size` would say it more plainly, but is only read before the program begins, where a package's
 * command can pass nothing to Node on every system; the factor by which it grows is read at each growth (V8:
 * src/heap/new-spaces.cc, SemiSpaceNewSpace::Grow). Whoever passes Node a size of their own gets that.
 */
export function keepYoungGenerationSmall(): void {
  setUnlessTold('semi-space', '--semi-space-growth-factor=1')
}

/**
 * Keeps V8 from making objects in the old generation at once. To be called before the server's modules are loaded.
 *
 * Of literals that were seen to live through a few collections V8 thinks that they live long. In a young generation as
 * small as ours that is what the requests look like that are under way just then; what is made old at birth stays until the
 * next large collection, and so does all that it points to. With an nginx file and 16 connections under load 7.8 KB of each
 * request were kept that way, 1.4 MB in each small collection, and large ones came every other second; without it 45 KB,
 * and a request costs a fifteenth less of the processor (eleven interleaved rounds, the quarter that was least disturbed).
 *
 * Read whenever V8 counts or compiles (V8: src/heap/pretenuring-handler.cc, src/compiler/js-create-lowering.cc).
 */
export function beginYoung(): void {
  setUnlessTold('pretenuring', '--no-allocation-site-pretenuring')
}
