// Moves a configuration as people write it to where it can be tried: other ports, and its paths below a folder. What
// comes out of a server is moved back, so that both servers speak of the same places.

/** What stands in the configurations for apps. */
const APP_PORT = /(?<=(?:127\.0\.0\.1|localhost):)(?:80\d\d|3\d{3}|5000|9000|11211)\b/g

const LISTEN = /^(\s*listen\s+)(?:(\[[^\]]*\]|[\w.*-]+):)?(\d+)(?=[\s;])/gm
/** Folders of a machine that are made below the folder of a configuration. */
const PATH = /(?<=[\s"':=])\/(?=(?:srv|run|etc\/nginx|etc\/ssl|var\/log)(?:[/;\s"']))/g

export interface Places {
  readonly folder: string
  /** By the port as written, what is listened on in its place. */
  readonly listens: ReadonlyMap<number, number>
  readonly apps: ReadonlyMap<number, number>
}

/** Ports that the text listens on, in order; and those of apps. */
export function portsOf(text: string): { listens: number[]; apps: number[] } {
  const listens = [...text.matchAll(LISTEN)].map(([, , , port]) => Number(port))
  const apps = [...text.matchAll(APP_PORT)].map(([port]) => Number(port))
  return {
    listens: [...new Set(listens)],
    apps: [...new Set(apps)].filter(port => !listens.includes(port)),
  }
}

/** Unix sockets that the text passes on to. */
export function socketsOf(text: string): string[] {
  return [...new Set([...text.matchAll(/unix:(\/run\/[\w./-]+)/g)].map(([, path]) => path!))]
}

export function moveThere(text: string, places: Places): string {
  return moveMessage(text, places)
    .replace(LISTEN, (_, before: string, address: string | undefined, port: string) => {
      // IPv6 is not on every machine; a second address of the loopback network does as well.
      const host = address === undefined || !address.startsWith('[') ? '127.0.0.1' : '127.0.0.2'
      return `${before}${host}:${places.listens.get(Number(port)) ?? port}`
    })
    .replace(/^(\s*listen\s.*?)\s+ipv6only=\w+/gm, '$1')
    .replace(PATH, `${places.folder}/`)
    .replace(/unix:\/run\//g, `unix:${places.folder}/run/`)
}

/** Addresses of apps in a request, such as what the app is to say in `Location`. */
export function moveMessage(text: string, { apps, listens }: Places): string {
  return text.replace(APP_PORT, port => String(apps.get(Number(port)) ?? listens.get(Number(port)) ?? port))
}

export function moveBack(text: string, { folder, listens, apps }: Places): string {
  let back = text.replaceAll(folder, '')
  for (const [written, port] of [...listens, ...apps]) {
    back = back.replace(new RegExp(`(?<!\\d)${port}(?!\\d)`, 'g'), String(written))
  }
  return back
}
