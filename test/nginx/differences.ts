// Where this proxy answers otherwise than nginx on purpose, each with its reason. The section of docs/from-nginx.md on
// what is different is held to this table.

import type { Compared } from './compare.ts'
import type { TestRequest } from './requests.ts'

export interface Difference {
  /** What is different, for docs/from-nginx.md. */
  readonly what: string
  readonly why: string
  /** Takes out of a result what cannot be the same, where the suite shows it. */
  excuse?(compared: Compared, request: TestRequest): void
  /** The same for a line of an access log. */
  excuseLog?(lines: string): string
}

export const DIFFERENCES: readonly Difference[] = [
  {
    what: 'Error pages name this program in place of nginx, `Server` does too',
    why: 'whoever reads them should know whom to ask; `server_tokens off` leaves the version out, as with nginx',
    excuse(compared, { method }) {
      if (method !== 'HEAD' || !/^[345]/.test(compared.status)) return
      compared.fields = compared.fields.filter(field => !field.startsWith('content-length: '))
    },
    excuseLog: lines => lines.replace(/(" [345]\d\d) \d+/g, '$1 SIZE'),
  },
  {
    what: 'Compressed answers have other bytes, and other lengths, than nginx’s',
    why: 'both are right, and the same once they are unpacked',
    excuseLog: lines => lines.replace(/(\.css HTTP\/1\.1" 200|app\/x HTTP\/1\.1" 200) \d+/g, '$1 SIZE'),
  },
  {
    what: 'Each request to the app has a connection of its own, closed after it, whatever `Connection`, `keepalive` and `proxy_http_version` say',
    why: 'a worker that answers one connection at a time must not be held by an idle one: this is what the proxy is for',
  },
  {
    what: 'A request that may be repeated (`GET`, `HEAD`, …) is sent once more where the worker died before the first byte of its answer',
    why: 'a worker that is killed or restarted costs nobody an answer; `proxy_next_upstream off` switches it off, as with nginx',
    excuse(compared) {
      const [first, ...more] = compared.reached
      if (first?.fields.some(field => /^(?:App-End|HTTP_APP_END): /.test(field)))
        compared.reached = [first, ...more.filter(each => JSON.stringify(each) !== JSON.stringify(first))]
    },
    excuseLog: lines => lines.replace(/\[(127\.0\.0\.1:\d+), \1\] \[502, 502\]/g, '[$1] [502]'),
  },
  {
    what: 'Where the app refuses connections a request waits for it, `--hold` long, before it is a 502',
    why: 'a restart or a deploy is then a short delay; `shield_hold 0` has nginx’s way',
  },
  {
    what: 'Of a name with addresses of both families those of IPv4 are asked alone',
    why: 'they lead to the same workers, which would be counted twice; `ipv4=off` of `resolver` leaves the others',
  },
  {
    what: 'A name is looked up again in the background when its time is over; the last answer that had an address holds until then, and where none comes any more',
    why: 'no request waits for a name server, and one that fails takes no app away',
  },
  {
    what: 'A WebSocket may be idle for an hour, whatever `proxy_read_timeout` says, which holds until the app has answered',
    why: 'nginx ends one after a minute without traffic unless the file says more, and files that pass WebSockets on say so',
  },
  {
    what: 'An upgrade (a WebSocket, or another protocol that is asked for by GET) goes to the app in HTTP/1.1 with `Connection: Upgrade` wherever the file sets `Upgrade` to what it names, whatever `proxy_http_version` and `Connection` say',
    why: 'without them no app takes it, and a file that passes `Upgrade` on means it to; nginx itself has had HTTP/1.1 by default since 1.29.7',
  },
  {
    what: 'Errors that pass by themselves, such as a 502 since the app refuses connections, carry `Retry-After`',
    why: 'clients that heed it come back in a moment, and not all at once',
  },
  {
    what: '`$http_name` and `$upstream_http_name` of a field that comes several times have all values, with commas, as in nginx since 1.23',
    why: 'Debian’s 1.22 has only the first',
    excuse(compared) {
      for (const { fields } of compared.reached)
        for (const [at, field] of fields.entries())
          if (field.startsWith('X-Seen: ')) fields[at] = field.replace(/\|1(?:, 2)?$/, '|1')
    },
  },
  {
    what: 'A body in chunks that nobody wants, and that grows beyond `client_max_body_size`, is answered 413, as in nginx since 1.29',
    why: 'Debian’s 1.22 reads it to its end, however long it is',
  },
  {
    what: 'Of what an answer says of its own caching the order of fields says nothing, and several `Vary` are one list, as in nginx since 1.23',
    why: 'Debian’s 1.22 lets `X-Accel-Expires` count only before the fields that it overrules, and the last `Vary`',
  },
  {
    what: 'A kept answer that is made anew in the background (`proxy_cache_background_update`) does not keep a connection waiting that the client may send another request on, and is asked for by a request of the shield’s own; one with a body is made anew for the client itself',
    why: 'nginx holds the next request on that connection until the app has answered, which may be long where workers are few',
  },
  {
    what: 'With `proxy_cache_use_stale error` (`timeout`) a full queue and a wait that was too long are such errors, too, and a request does not wait for an app that is down (`--hold`) while something kept can be given',
    why: 'nginx has no queue; what is kept is better than a 503 or a long wait',
  },
  {
    what: 'What a stream says of itself (`text/event-stream`) is not kept',
    why: 'it has no end that could be waited for; nginx keeps it where `proxy_cache_valid` says so',
  },
  {
    what: 'Files of a cache have nginx’s names and a head of their own, and are written beside where they are to be (as with `use_temp_path=off`); nginx’s own in the same folder are not used, and stay until the same key is kept anew',
    why: 'two programs that take each other’s files for theirs would answer with nonsense; scripts that remove a file by the MD5 of its key, or look for its `KEY:` line, work on both',
  },
  {
    what: 'What `proxy_store` stores is written beside the place that it is to have, and not in `proxy_temp_path`; what a killed process left there (`.….part`) is removed within the hours that follow',
    why: 'it takes its place in one step on any disk, where nginx copies it from one disk to the other',
  },
  {
    what: 'An answer to HEAD is stored only where it says that it is empty',
    why: 'nginx stores an empty file where the answer does not say how long it would be, and serves that from then on',
  },
  {
    what: 'A path of `proxy_store` that leads further up by `..` than the file says is not stored to, and the error log says so',
    why: 'what a client sends in `$arg_name` is not to choose among the files of the machine',
  },
  {
    what: 'Where an answer cannot be stored the client gets it all the same, whole',
    why: 'nginx cuts it off where the disk is full',
  },
  {
    what: 'A body that came with a GET for memcached goes to the app that is asked in its place',
    why: 'nginx has thrown it away by then',
    excuse(compared, { target, body }) {
      if (target === '/m/missing' && body !== null) for (const each of compared.reached) each.body = ''
    },
  },
  {
    what: 'Each question to memcached has a connection of its own, 256 to one address at a time; while it refuses nobody waits, and its 502 carries no `Retry-After`',
    why: 'it is no worker, and the app answers in its place ([0012](decisions/0012-memcached-is-no-worker.md))',
  },
  {
    what: 'A first slice (`slice`) that is not the one that was asked for is answered 502, and one behind it cuts off what was begun',
    why: 'nginx closes the connection, in a short answer without a word, which edges take for a failure of their own',
  },
  {
    what: '`location $variable` is meant where the variable is neither empty nor 0, as in nginx since 1.31.5, nor a path',
    why: 'Debian’s 1.22 takes it for a path, which no request has; files of its time that mean a path keep the locations behind it',
  },
  {
    what: '`modern_browser` and `ancient_browser` that stand in `http` hold in its servers, as nginx’s documentation has it',
    why: 'nginx loses on the way down what they say of versions, of `unlisted` and of `netscape4`',
  },
  {
    what: 'A method may have small letters and digits, and an `Expect` that is not known is answered 417',
    why: 'RFC 9110 §9.1 and §10.1.1; nginx answers such methods 400, and does not look at other expectations',
  },
  {
    what: 'Where `dav_methods` lets clients write, no link to a folder is removed from within, links in folders are not copied, and `disable_symlinks` holds',
    why: 'nginx removes what is behind such a link, and copies as many bytes of a file behind one as the link itself is long',
  },
  {
    what: 'Pages that `include` names are asked one after the other, so that each knows the variables of those before it; expressions of pages hold no variables, and take 100 ms at most, those of an answer together',
    why: 'nginx asks them at the same time unless they say `wait`; and what clients send should not become an expression, nor one of an app stop everybody',
  },
  {
    what: '`$request_length` counts also what came of a body that nobody wanted',
    why: 'it is what came over the network',
  },
  {
    what: 'A reload leaves open what is under way, WebSockets too, whatever `worker_shutdown_timeout` says; that holds for the end of the program',
    why: 'no worker of old has to end: what began before a reload goes on in the same process',
  },
  {
    what: '`100 Continue` is sent only when the body has not come yet',
    why: 'RFC 9110 §10.1.1 leaves it out where it would say nothing',
    excuse(compared) {
      compared.status = compared.status.replace(/^100 Continue, /, '')
    },
  },
  {
    what: 'A header of the PROXY protocol that is against its rules ends the connection: addresses of another family than it says, a line of more than 107 bytes, a command that is none',
    why: 'who the client is must not be a guess; nginx takes such a header as well as it can',
  },
  {
    what: 'Clients are served HTTP/1.1, also where the file says `http2` or `quic`',
    why: 'HTTP/2 and HTTP/3 end at the edge, which needs few connections to this proxy; whoever comes past it speaks HTTP/1.1, too',
  },
  {
    what: 'Fields that a request names in `Connection` are not passed on, nor `Proxy-Connection`, `TE`, `Trailer`, `HTTP2-Settings`, `Proxy-Authorization` and `Proxy-Authenticate`, in either direction, nor an `Upgrade` to HTTP/2 (`h2c`), or of another method than GET',
    why: 'RFC 9110 §7.6.1: they are for this connection only, and a way to smuggle fields past the rules',
    excuse(compared, { fields }) {
      const named = fields
        .flatMap(field => /^connection: (.*)$/i.exec(field)?.[1]?.split(',') ?? [])
        .map(name => `${name.trim().toLowerCase()}: `)
      for (const each of compared.reached) {
        each.fields = each.fields.filter(
          field => !named.some(name => name !== 'upgrade: ' && field.toLowerCase().startsWith(name)),
        )
      }
    },
  },
  {
    what: 'A target that holds `#`, a line without a version (HTTP/0.9), and other messages that RFC 9112 forbids, are answered 400',
    why: 'what two programs read differently is a way past the rules of one of them (see docs/architecture.md)',
    excuse(compared, { target }) {
      if (!target.includes('#')) return
      Object.assign(compared, { status: '400 Bad Request', fields: [], body: '' })
    },
  },
  {
    what: 'A request whose lines end with a bare LF, that folds a field, or whose host is none (`[v1.x]`, two ports) is answered 400',
    why: 'nginx is lenient there, and the program behind it may read another request; clients send none of these; `shield_bare_lf on` takes the bare LF',
  },
  {
    what: 'Where a body is not passed on, to `auth_request` or with `proxy_pass_request_body off`, nor is its `Content-Length`',
    why: 'an app that waits for what never comes keeps its worker until it gives up; files that say `proxy_set_header Content-Length ""` notice nothing',
  },
  {
    what: 'Parameters for gateways: `HTTP_PROXY` never comes of a field, nor `HTTP_TRANSFER_ENCODING`; where no body is sent `CONTENT_LENGTH` is empty, and there is no `HTTP_CONTENT_LENGTH`',
    why: 'programs take the first for their own proxy, the coding of a body ends here, and an app that waits for one that does not come holds its worker',
    excuse(compared) {
      for (const each of compared.reached)
        each.fields = each.fields.filter(field => !field.startsWith('HTTP_TRANSFER_ENCODING: '))
    },
  },
  {
    what: 'Fields of one name are one parameter for a gateway, joined by commas, cookies by semicolons, as in nginx since 1.23',
    why: 'Debian’s 1.22 passes a parameter for each, of which apps see one',
  },
  {
    what: 'An answer that breaks off, and that has neither a length nor chunks (HTTP/1.0), ends with a reset of the connection, which may cost its client what it had not read yet',
    why: 'a client that sees it end takes it for whole; nginx ends it so',
  },
  {
    what: 'A FastCGI answer that ends without its last record, or the end of its output, is cut off for its client, too',
    why: 'a child that died in the middle of it must not look like one that was done; nginx takes the close for the end',
  },
  {
    what: 'Answers of a gateway are kept only where its `…_cache_key` says by what; of one to HEAD (also with `proxy_cache_convert_head off`) the head is kept, and GET asks anew',
    why: 'without a key nginx gives the first answer to everybody, and keeps what an app sends after the head that nobody asked for',
  },
  {
    what: '`Upgrade` goes to apps that speak HTTP alone: a 101 of a gateway is a 502',
    why: 'where uWSGI serves WebSockets, `http-socket` gives them an address of their own, for `proxy_pass`',
  },
  {
    what: '`$tcpinfo_rtt` and its like are empty',
    why: 'Node does not tell what the kernel knows of a connection',
  },
  {
    what: 'A line break within a value, as in a long `add_header` over several lines, goes out as a space',
    why: 'RFC 9112 §5.2: clients refuse lines that are folded, or read them as fields of their own',
  },
  {
    what: 'An `Upgrade` that the file itself makes up goes to the app only with a client’s own',
    why: 'who did not ask for another protocol does not speak it',
  },
  {
    what: 'An error with a text of the file (`return 404 "none"`) stays what it is where the body that came along has a broken chunk; the connection is closed after it',
    why: 'nginx makes it a 400, though only where the chunk was there before the answer; RFC 9112 asks for no other answer than that nothing behind such a body be taken for a request',
  },
  {
    what: 'A transfer coding that is no coding of HTTP’s is answered 400, and only those that are 501',
    why: 'where a body ends must not be a guess',
  },
  {
    what: '`$request_body_file` is empty, and no body is left behind in a file',
    why: 'bodies are kept in files without names, which are gone with their requests',
  },
  {
    what: 'An absolute target’s host takes the place of `Host` everywhere, also in `$http_host`',
    why: 'RFC 9112 §3.2.2',
    excuse(compared, { target }) {
      if (target.startsWith('http://')) compared.body = compared.body.replace(/(http_host=[\w.]+):81$/m, '$1')
    },
  },
  {
    what: 'Where a URI for the app is made of variables, what would break the request line is escaped',
    why: 'nginx sends `GET /a b HTTP/1.0`, which no app understands, or worse, understands',
    excuse(compared) {
      for (const each of compared.reached) each.line = each.line.replace('/v/a%20b', '/v/a b')
    },
  },
  {
    what: '`$request_body` has every body that is in memory: up to 1 MB, unless `client_body_buffer_size` says less',
    why: 'so that a `proxy_cache_key` knows bodies apart; nginx has them up to 8 KB or so, and beyond that an empty value',
  },
  {
    what: 'Answers that RFC 9112 forbids are a 502: fields without a name or a colon, or with a space or a NUL in the wrong place, a `Content-Length` that is none, or comes twice, chunks in HTTP/1.0, a status beyond 599, what is no HTTP at all; one that folds a field is not',
    why: 'what two readers understand differently is not passed on; nginx passes such fields on, and what is no HTTP as HTTP/0.9, and refuses the fold, which RFC 9112 §5.2 lets a proxy mend',
  },
  {
    what: '1xx answers of the app are interim ones, for the answer that follows them: 100 is dropped, the others are passed on, 103 as `early_hints` says',
    why: 'RFC 9110 §15.2; Debian’s 1.22 takes the first of them for the answer itself',
  },
  {
    what: 'An answer without a reason phrase gets the usual one, and one of 204 no `Content-Length`',
    why: 'RFC 9112 §4 asks for the space before the phrase at least, and RFC 9110 §8.6 forbids the length',
  },
  {
    what: 'A client’s `Proxy` does not go to the app',
    why: 'as CGI has it, that becomes `HTTP_PROXY`, which programs take for the proxy that they are to use',
  },
  {
    what: 'An address that refuses connections is left out until somebody listens there again, where others of its group can be had, and not asked by each request',
    why: 'no request waits for what is known to fail; nginx asks on, as `max_fails` and `fail_timeout` say',
  },
  {
    what: '`X-Request-Id` goes to the app with every request, unless the client or the file set one',
    why: 'it is in the log, in error pages and in what is said of a lost worker: one id to search for',
  },
  {
    what: 'A request beyond the slots of every address waits in the queue, where nginx answers 502 at `max_conns`; an address without `max_conns` has as many slots as the shield finds workers',
    why: 'an app is given no more than it has workers for: this is what the proxy is for; `shield_workers` says a number',
  },
  {
    what: 'Where every address of a group has failed too often of late, one of them is asked all the same',
    why: 'nginx answers 502 until `fail_timeout` is over, even where the apps are long back',
  },
  {
    what: 'With `--cores`, each thread keeps TLS sessions with upstreams for itself',
    why: 'each shakes hands in full once, as each of nginx’s workers does where no `zone` is said; those of clients are good in all of them',
  },
  {
    what: 'Heads, chunks and lines of the app that end with a bare LF make its answer a 502',
    why: 'where one reader sees an end of line and another does not, answers can be forged; every app server sends CRLF',
  },
  {
    what: 'A client that closes only its sending side gets its answer still, once a worker has the request, and counts for `limit_conn` until the worker is done',
    why: 'nothing tells a half-closed connection from one that is gone, and a worker that works cannot be called back',
  },
  {
    what: 'An app’s answer without `Date` gets one, also with `proxy_pass_header Date`',
    why: 'RFC 9110 §6.6.1 asks this of whoever passes an answer on',
  },
  {
    what: 'Places whose answers are added to another one (`add_before_body`), and those that `post_action` asks, get no body of the request',
    why: 'it has gone to the app by then, and the place that is asked has a purpose of its own',
  },
  {
    what: 'What `post_action` asks is a request of its own: the log tells of the answer that the client had',
    why: 'nginx overwrites that with what the other place said; `log_subrequest` gives it a line',
  },
  {
    what: 'A client that says no name in its handshake, and shows a certificate, is answered 421 by a server that holds certificates to other authorities than the default server does',
    why: 'nginx lets it in by what the default server’s authorities stand for; with the name in the handshake it comes in as ever',
  },
  {
    what: 'An IPv4 address in the words of IPv6 (`::ffff:192.0.2.1`) is that of IPv4 in variables, logs and limits, whether a connection to `[::]` has it or `real_ip_header`',
    why: 'it is one client, and should have one share and one name',
  },
  {
    what: 'A body that stands still for `client_body_timeout` is answered 408; a client that takes nothing for `send_timeout` is reset',
    why: 'who waits learns why; and what was not taken need not be kept by the kernel. Nginx closes without a word',
  },
  {
    what: 'Of a 416 `$sent_http_etag` is empty, also in the place that `error_page 416` leads to',
    why: 'that answer has no part of the file; nginx keeps its entity tag for the log and the other place’s answer',
  },
  {
    what: 'Several ranges of a film with `start` (`flv`) come as several parts',
    why: 'nginx breaks such an answer off',
  },
  {
    what: 'Answers are kept however long their key is',
    why: 'nginx keeps none whose key does not fit into `proxy_buffer_size`, a buffer that is not here',
  },
  {
    what: 'HTTP/1.1 without `Host` is answered 400 over TLS, too, where the default server asks for certificates',
    why: 'RFC 9112 §3.2 asks for it; nginx answers 421 there',
  },
  {
    what: 'A connection from before a reload is answered 421 by servers that ask for certificates',
    why: 'its certificate was judged by the former settings',
  },
  {
    what: '`$content_length` of a body in chunks that nobody reads is empty',
    why: 'how long it is was never known; nginx says 0',
  },
  {
    what: '`-t` lets pass what only nginx’s own buffers forbid: a `proxy_buffer_size` beyond `proxy_buffers`, a parameter longer than 4 KB; `M` for months in every time and `g` in every size',
    why: 'nothing here depends on it',
  },
  {
    what: '`-t` refuses a flag of `proxy_cookie_flags` that nobody knows, and a line of `split_clients` with more or fewer than two words',
    why: 'nginx passes over them without a word, and a cookie whose flag is misspelt goes out without it',
  },
  {
    what: 'What is wrong with a directive is told with the line where it begins; all that is wrong is told at once',
    why: 'nginx names the line where the directive ends, which is the next one’s where a semicolon is missing, and stops at the first',
  },
  {
    what: 'Without `ssl_protocols` TLS 1.3 is spoken, too, as in nginx since 1.23.4',
    why: 'Debian’s 1.22 has it only where the file says so',
  },
  {
    what: 'An absolute target’s host may hold an underscore, as in `http://my_app/`',
    why: 'so may `Host`, with nginx, too, and containers have such names',
  },
  {
    what: 'A URI that holds `..` once the file has made it, as in `error_page 404 /a/../b.html` or by an alias, leads to no file: 404',
    why: 'nothing that a request brings about is to lead out of a root; URIs that clients send are resolved before, as with nginx',
  },
  {
    what: '`try_files … =200` is an empty answer with that status',
    why: 'nginx closes the connection without a word',
  },
  {
    what: '`charset $name` and `source_charset $name` whose variable is not there say nothing',
    why: 'nginx closes the connection without an answer',
  },
  {
    what: 'A URI of `auth_request` may have a query',
    why: 'nginx looks for a place that has the question mark in its name, finds none, and answers 500',
  },
  {
    what: 'A file that is put (`dav_methods PUT`) is stored also where a `mirror` gets the request',
    why: 'nginx answers 500: the copy has left the body in memory, where it takes none from',
  },
  {
    what: '`valid_referers` of a place takes nothing from that of the place around it',
    why: 'nginx adds the regular expressions of that one, where the place has none of its own, though no other words',
  },
  {
    what: 'A `HEAD` whose request line cannot be read is a `GET` where `error_page 400` leads on to an app, and in `$request_method`',
    why: 'nginx asks with no method at all, which no app can read',
  },
  {
    what: '`$request_uri` of an absolute target without a path (`GET http://host?x`) is `/?x`',
    why: 'that is what the app is asked for; nginx has `?x`',
  },
  {
    what: 'A request that is refused before its host is known is logged by the server with `server_name ""`, where there is one',
    why: 'it has no name either; nginx takes the default server',
  },
  {
    what: '`$request_length` counts what came of a body that nobody wanted; `$sent_http_connection` in a log is what was sent',
    why: 'both say what happened; nginx counts only what it gave to a place, and by the time of the log says `close` of every connection',
  },
  {
    what: '`$sent_http_location` within `add_header` is absolute already',
    why: 'it is what the client is sent; nginx makes it absolute after its fields are added',
  },
  {
    what: 'With `proxy_request_buffering off` a field of `proxy_set_header` that names `$request_body` is not sent',
    why: 'the head goes before the body has come; nginx has as much of it as came in one piece with the head',
  },
  {
    what: '`$remote_user` of a request that is refused at its head is empty',
    why: 'nobody has looked at its fields then; nginx reads what stands before the fault',
  },
  {
    what: '`large_client_header_buffers` is the limit of a head also where it is smaller than `client_header_buffer_size`',
    why: 'heads have no first buffer here',
  },
  {
    what: 'An answer that stands still for `proxy_read_timeout` in its middle is cut off behind all that had come',
    why: 'nginx also throws away what its buffers hold by then',
  },
  {
    what: '`$request_completion` of a 412 is `OK`',
    why: 'the client has all of that answer; nginx says nothing of it',
  },
  {
    what: 'A 500 of `auth_request` that failed itself carries no `WWW-Authenticate`, also with `satisfy any` beside a password',
    why: 'no password would help; nginx has asked for one by then',
  },
  {
    what: 'Regular expressions become JavaScript’s: calls of groups (`(?1)`, `(?R)`), `\\K`, `\\X`, conditionals and verbs are refused by `-t`; what PCRE refuses and JavaScript knows, such as `[\\w-.]` and a lookbehind of no fixed length, is taken',
    why: 'a pattern that would match otherwise must not pass for the same',
  },
  {
    what: 'A time has a number before each unit: `h2` is none',
    why: 'nginx takes it for 2 seconds, which nobody means',
  },
  {
    what: 'A file as in conf.d that is read alone, and has a `types` block with `text/html`, has those types and no others',
    why: 'who says that one has written all of them; any other block comes on top of the usual types',
  },
  {
    what: '`$content_length` of a body that was too large (413) is still what the client announced, as in Debian’s 1.22',
    why: 'it is what a log of such requests is read for; the newest nginx forgets it',
  },
  {
    what: 'What a regular expression among the names of a server captures is known whichever of them it is, also where the server is alone at its address',
    why: 'nginx looks at the names of such a server only where the last expression among them captures something, and `$1` is empty otherwise',
  },
  {
    what: 'The level `debug` of an error log, and `debug_connection`, tell of a request which places it came to and how it ended, and of names in `debug_connection` nothing',
    why: 'that is what people look for there; how nginx goes about its work is not how this program does',
  },
]

/** The result without what is different on purpose. */
export function excused(request: TestRequest, compared: Compared): Compared {
  for (const { excuse } of DIFFERENCES) excuse?.(compared, request)
  return compared
}

/** An access log's lines without what is different on purpose. */
export function excusedLog(lines: string): string {
  return DIFFERENCES.reduce((text, { excuseLog }) => excuseLog?.(text) ?? text, lines)
}
