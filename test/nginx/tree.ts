// The files that the configurations serve: one tree, the same for both, with times that never change.

import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const WHEN = new Date('2026-01-02T03:04:05Z')

const numbers = Array.from({ length: 2000 }, (_, index) => `line ${index}\n`).join('')

/** Below the folder of a configuration. */
const FILES: Readonly<Record<string, string | Buffer>> = {
  'srv/app/index.html': '<h1>home</h1>\n',
  'srv/app/about.html': '<h1>about</h1>\n',
  'srv/app/robots.txt': 'User-agent: *\n',
  'srv/app/favicon.ico': Buffer.from([0, 0, 1, 0]),
  'srv/app/404.html': '<h1>nothing here</h1>\n',
  'srv/app/50x.html': '<h1>out of order</h1>\n',
  'srv/app/500.html': '<h1>out of order</h1>\n',
  'srv/app/maintenance.html': '<h1>back soon</h1>\n',
  'srv/app/docs/index.html': '<h1>docs</h1>\n',
  'srv/app/docs/guide.html': '<h1>guide</h1>\n',
  'srv/app/empty/.keep': '',
  'srv/app/static/css/app.css': 'body { margin: 0 }\n'.repeat(100),
  'srv/app/static/js/app.js': 'console.log(1)\n'.repeat(100),
  'srv/app/static/js/packed.js': 'console.log(2)\n'.repeat(100),
  'srv/app/static/js/packed.js.gz': gzipSync('console.log(2)\n'.repeat(100), { level: 9 }),
  'srv/app/static/logo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  'srv/app/static/data.json': '{"a":1}\n',
  'srv/app/static/font.woff2': 'font',
  'srv/app/static/numbers.txt': numbers,
  'srv/app/static/no-extension': 'plain\n',
  'srv/app/static/with space.txt': 'space\n',
  'srv/app/media/photo.jpg': Buffer.from([0xff, 0xd8, 0xff]),
  'srv/app/media/page.html': '<p>uploaded</p>\n',
  'srv/app/private/report.pdf': '%PDF-1.4\n',
  'srv/app/.git/config': '[core]\n',
  'srv/app/listing/a file.txt': 'a\n',
  'srv/app/listing/Big.bin': Buffer.alloc(2000),
  'srv/app/listing/inner/deep.txt': 'deep\n',
  'srv/php/index.php': '<?php\n',
  'srv/php/sub/index.php': '<?php\n',
  'srv/php/sub/page.php': '<?php\n',
  'srv/php/style.css': 'a {}\n',
  'srv/other/index.html': '<h1>other</h1>\n',
  // Short names that locations and rewrites made by chance lead to.
  'srv/odd/index.html': 'index\n',
  'srv/odd/c.txt': 'c\n',
  'srv/odd/b.html': 'b\n',
  'srv/odd/404.html': 'none\n',
  'srv/odd/a/index.html': 'a index\n',
  'srv/odd/a/c.txt': 'a c\n',
  'srv/odd/a/b/index.html': 'a b index\n',
  'srv/odd/a/b/c.txt': 'a b c\n',
  'srv/odd/a/b/c d.txt': 'a b c d\n',
  'srv/odd/b/a': 'b a\n',
  'srv/odd/b/%41.txt': 'b escaped\n',
  'srv/odd/b/c/.keep': '',
  // Passwords are "secret": of crypt's MD5, of SHA in base64, and plain.
  'etc/nginx/htpasswd':
    'ada:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\ngrace:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\nplain:{PLAIN}secret\n',
  'etc/nginx/proxy_params': `proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`,
}

const FOLDERS = ['var/log/nginx', 'var/log/app', 'run/app']

/** Makes the tree in this folder. */
export function plantTree(folder: string): void {
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true })
  for (const [name, text] of Object.entries(FILES)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    utimesSync(path, WHEN, WHEN)
  }
  symlinkSync('../app/about.html', join(folder, 'srv/other/linked.html'))
  for (const name of ['srv/app/listing/inner', 'srv/app/listing']) utimesSync(join(folder, name), WHEN, WHEN)
}

/** A certificate that nobody knows, for what listens with TLS. */
export function makeCertificate(folder: string): void {
  mkdirSync(join(folder, 'etc/ssl'), { recursive: true })
  const [key, certificate] = ['etc/ssl/app.key', 'etc/ssl/app.pem'].map(name => join(folder, name))
  const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=app.example -keyout ${key} -out ${certificate}`
  execFileSync('openssl', words.split(' '), { stdio: 'ignore' })
}
