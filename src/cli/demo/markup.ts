// The HTML of the demonstration: the page that says what to try, and the form of the upload. Text only; nothing
// that a client sent is printed into it.

/** Who answered. */
export interface Identity {
  readonly number: number
  readonly pid: number
  /** How many requests this process has served, this one included. */
  readonly served: number
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2430, #e6e9ef); --soft: light-dark(#5b6675, #9aa5b5);
  --ground: light-dark(#f6f7f9, #12161c); --card: light-dark(#fff, #1a2029); --line: light-dark(#dfe3e8, #2b333f);
  --accent: light-dark(#0b63ce, #6cb2ff); --on-accent: light-dark(#fff, #0d1117) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 46rem; padding: 3rem 1.25rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif }
h1 { margin: 0 0 .25rem; font-size: 1.7rem; letter-spacing: -.01em }
p { margin: .4rem 0 }
.soft { color: var(--soft) }
.card { margin: 1rem 0; padding: 1rem 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem }
.card h2 { margin: 0; font-size: 1.05rem }
a { color: var(--accent) }
code, pre { font: .88rem/1.5 ui-monospace, monospace }
pre { margin: .5rem 0 0; padding: .6rem .8rem; overflow-x: auto; background: var(--ground);
  border: 1px solid var(--line); border-radius: .4rem }
button { padding: .45rem .9rem; border: 0; border-radius: .4rem; background: var(--accent); color: var(--on-accent);
  font: inherit; cursor: pointer }
button:disabled { opacity: .55; cursor: default }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
#bars { margin-top: .6rem; font: .85rem/1.9 ui-monospace, monospace }
#bars div { display: flex; gap: .6rem; align-items: center }
#bars i { display: block; height: .6rem; border-radius: .3rem; background: var(--accent) }
`

/** Sends eight slow requests over four workers: the second four wait in the shield, not behind a busy worker. */
const SCRIPT = `
const button = document.querySelector('#eight'), bars = document.querySelector('#bars')
button.addEventListener('click', async () => {
  button.disabled = true
  bars.replaceChildren()
  const began = performance.now()
  await Promise.all(Array.from({ length: 8 }, async (_, index) => {
    let who
    try {
      const answer = await fetch('/slow?seconds=1&n=' + index)
      who = answer.ok ? 'worker ' + parseInt(answer.headers.get('X-Worker'), 10) : 'status ' + answer.status
    } catch {
      who = 'no answer'
    }
    const seconds = (performance.now() - began) / 1000
    const line = document.createElement('div'), bar = document.createElement('i')
    bar.style.width = Math.min(seconds * 4, 24) + 'rem'
    line.append(bar, seconds.toFixed(2) + ' s, ' + who)
    bars.append(line)
  }))
  button.disabled = false
})
`

/** The index. Its commands name the place the page was asked at, which only the browser knows. */
export function indexPage(worker: Identity): string {
  return page(
    'shieldproxy: the demo',
    `<h1>The shield is up</h1>
<p class="soft">This page came from <strong>worker ${worker.number}</strong> of four, process ${worker.pid}, as its
request number ${worker.served}. Each worker serves one connection at a time and blocks while it works, as a gunicorn
sync worker does. Load the page again and another one may answer.</p>
<div class="card"><h2>More requests than workers</h2>
<p>Eight requests of one second each. Four run, the others wait their turn in the shield.</p>
<button id="eight" type="button">Send eight</button><div id="bars" aria-live="polite"></div></div>
<div class="card"><h2>A slow reader</h2>
<p><a href="/large">8 MB</a>, read at 100 KB/s: the worker is free again at once, as the shield keeps the rest.</p>
<pre>curl --limit-rate 100k -o /dev/null <b class="here"></b>/large</pre></div>
<div class="card"><h2>A slow upload</h2>
<p>A worker hears of it when it is whole. <a href="/upload">Send a file</a>, or:</p>
<pre>head -c 2000000 /dev/zero | curl --limit-rate 200k -T - <b class="here"></b>/upload</pre></div>
<div class="card"><h2>A request that hangs</h2>
<p>It holds one worker for five minutes. The log and the status name it while it hangs, and the other three go on.</p>
<pre>curl <b class="here"></b>/hang &amp;
curl http://127.0.0.1:9180/status.json</pre></div>
<div class="card"><h2>A worker that dies</h2>
<p>This one comes back after a moment; the log says what was lost, if anything was.</p>
<pre>kill -9 ${worker.pid}</pre></div>
<p class="soft">Also here: <a href="/slow?seconds=2"><code>/slow?seconds=2</code></a>,
<a href="/large?megabytes=32"><code>/large?megabytes=32</code></a>, <a href="/health"><code>/health</code></a>.</p>
<script>
for (const place of document.querySelectorAll('.here')) place.replaceWith(location.origin)
${SCRIPT}</script>`,
  )
}

/** The form of the upload: the file itself is sent, as the body of a PUT. */
export function uploadPage(worker: Identity): string {
  return page(
    'shieldproxy: upload',
    `<h1>Upload</h1>
<p class="soft">Worker ${worker.number} gave you this form; whichever is free takes the file, once all of it is there.</p>
<form class="card"><p><label>A file: <input type="file" required></label></p>
<button>Send</button><pre hidden aria-live="polite"></pre></form>
<p><a href="/">Back</a></p>
<script>
const form = document.querySelector('form'), said = document.querySelector('pre')
form.addEventListener('submit', async event => {
  event.preventDefault()
  said.hidden = false
  said.textContent = 'sending…'
  try {
    const answer = await fetch('/upload', { method: 'PUT', body: form.querySelector('input').files[0] })
    said.textContent = await answer.text()
  } catch (error) {
    said.textContent = String(error)
  }
})
</script>`,
  )
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>${body}</body></html>
`
}
