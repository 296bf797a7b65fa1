// What a call to the file system failed with, in the words that nginx's log has for it. Decides nothing: what a failure
// means for a request is for whoever asked.

/** The C library's words for what happens to files, where Node has others. */
const WORDS: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EIO: 'Input/output error',
  ENXIO: 'No such device or address',
  EACCES: 'Permission denied',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  ENAMETOOLONG: 'File name too long',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ESTALE: 'Stale file handle',
}

export class DiskFailure {
  /** Such as `ENOENT`. */
  readonly code: string
  /** As in `open() "/a/b" failed (2: No such file or directory)`. */
  readonly text: string
  /** What stands in its parentheses. */
  readonly reason: string
  /** The system's number for it, which may be told of another call or path. */
  readonly errno: number

  /** @param call as nginx names it, such as `open()` */
  constructor(call: string, path: string, error: Partial<NodeJS.ErrnoException>) {
    this.code = error.code ?? 'EIO'
    this.errno = Math.abs(error.errno ?? 0)
    this.reason = `${this.errno}: ${WORDS[this.code] ?? error.message ?? this.code}`
    this.text = `${call} "${path}" failed (${this.reason})`
  }

  /** There is no such thing, for whatever reason. */
  get isAbsence(): boolean {
    return this.code === 'ENOENT' || this.code === 'ENOTDIR' || this.code === 'ENAMETOOLONG'
  }

  /** There is something, for all that is known, but no room to have it open. */
  get isShortage(): boolean {
    return this.code === 'EMFILE' || this.code === 'ENFILE' || this.code === 'ENOMEM'
  }

  /** It is not for us, or not to be reached through a symbolic link. */
  get isRefusal(): boolean {
    return this.code === 'EACCES' || this.code === 'ELOOP' || this.code === 'EMLINK'
  }
}
