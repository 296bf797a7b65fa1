// Node's own objects for connections of TCP and of Unix sockets, which node:net puts its streams upon: where they are to be
// had, and what of them is used. It opens nothing.
//
// They are not documented. `process.binding` has been on its way out for years (DEP0111), and a permission model denies it:
// whoever uses this has another way for when it is null (docs/decisions/0014).

/** A connection (node: src/stream_base.cc, src/tcp_wrap.cc, src/pipe_wrap.cc). Numbers returned are 0, or an errno below it. */
export interface Handle {
  readonly fd: number
  /** Bytes that libuv still holds. */
  readonly writeQueueSize: number
  /**
   * Called with this handle as `this`; `state[READ]` says how many bytes came, or what else. What it returns is read into from
   * then on, and is to be held by whoever returned it (CustomBufferJSListener).
   */
  onread: (this: Handle) => Uint8Array | undefined
  /** Whose it is: ours, Node does not look at it. */
  owner?: unknown
  useUserBuffer(buffer: Uint8Array): void
  readStart(): number
  readStop(): number
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
  writeLatin1String(request: WriteRequest, text: string): number
  writev(request: WriteRequest, pieces: Uint8Array[], allBuffers: true): number
  /** 1: it was done at once. */
  shutdown(request: ShutdownRequest): number
  connect(request: ConnectRequest, hostOrPath: string, port?: number): number
  close(): void
  // Of TCP alone.
  connect6?(request: ConnectRequest, host: string, port: number): number
  bind?(host: string, port: number): number
  bind6?(host: string, port: number, flags: number): number
  setNoDelay?(on: boolean): number
  reset?(): number
  getpeername?(out: End): number
  getsockname?(out: End): number
}

export interface End {
  address?: string
  port?: number
}

/** Something under way; whose it is and what is held for it are ours. */
interface Request {
  oncomplete: (this: this, status: number) => void
  owner: unknown
}

export interface WriteRequest extends Request {
  /** What must not go while it is under way. */
  bytes: unknown
  length: number
}

export type ShutdownRequest = Request
export type ConnectRequest = Request

export interface Handles {
  readonly Tcp: new (kind: number) => Handle
  readonly Pipe: new (kind: number) => Handle
  readonly TcpConnect: new () => ConnectRequest
  readonly PipeConnect: new () => ConnectRequest
  readonly Write: new () => WriteRequest
  readonly Shutdown: new () => ShutdownRequest
  /** What the last read or write came to, by the places that follow. */
  readonly state: Int32Array
  readonly READ: number
  readonly WRITE_WAITS: number
}

/** Of both, the kind that connects. */
export const SOCKET = 0

interface Bindings {
  tcp_wrap: { TCP: Handles['Tcp']; TCPConnectWrap: Handles['TcpConnect'] }
  pipe_wrap: { Pipe: Handles['Pipe']; PipeConnectWrap: Handles['PipeConnect'] }
  stream_wrap: {
    WriteWrap: Handles['Write']
    ShutdownWrap: Handles['Shutdown']
    streamBaseState: Int32Array
    kReadBytesOrError: number
    kLastWriteWasAsync: number
  }
}

const METHODS = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeBuffer',
  'writeLatin1String',
  'writev',
  'shutdown',
  'connect',
  'close',
] as const

/** Null: this Node has them in another shape, or does not give them out. */
export const handles: Handles | null = find()

function find(): Handles | null {
  const { binding } = process as { binding?: <N extends keyof Bindings>(name: N) => Bindings[N] }
  if (binding === undefined) return null
  try {
    const { TCP, TCPConnectWrap } = binding('tcp_wrap')
    const { Pipe, PipeConnectWrap } = binding('pipe_wrap')
    const stream = binding('stream_wrap')
    const { streamBaseState: state, kReadBytesOrError: READ, kLastWriteWasAsync: WRITE_WAITS } = stream
    const whole =
      [TCP, Pipe].every(({ prototype }) => METHODS.every(name => typeof prototype[name] === 'function')) &&
      [TCPConnectWrap, PipeConnectWrap, stream.WriteWrap, stream.ShutdownWrap].every(isFunction) &&
      state instanceof Int32Array &&
      [READ, WRITE_WAITS].every(place => state[place] !== undefined)
    if (!whole) return null
    return {
      Tcp: TCP,
      Pipe,
      TcpConnect: TCPConnectWrap,
      PipeConnect: PipeConnectWrap,
      Write: stream.WriteWrap,
      Shutdown: stream.ShutdownWrap,
      state,
      READ,
      WRITE_WAITS,
    }
  } catch {
    return null
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
