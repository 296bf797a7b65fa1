import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problems, read } from './reading.ts'

test('what has no effect is read, checked, and told with its reason', t => {
  const { remarks } = read(t, 'proxy_busy_buffers_size 1m; proxy_socket_keepalive on; server { }')
  const said = remarks.map(({ message }) => message).join('\n')
  assert.match(said, /"proxy_busy_buffers_size".*answers go to the client, and to the disk, in pieces/)
  assert.match(said, /"proxy_socket_keepalive" has no effect/)
})

test('a value that nginx refuses is refused all the same', t => {
  for (const [text, problem] of [
    ['proxy_send_timeout soon;', '"proxy_send_timeout" directive invalid value'],
    ['proxy_ignore_client_abort maybe;', 'invalid value "maybe" in "proxy_ignore_client_abort" directive'],
    ['client_body_buffer_size 0k;', 'client body buffer size cannot be zero'],
    ['client_body_buffer_size x;', '"client_body_buffer_size" directive invalid value'],
    ['proxy_max_temp_file_size 1x;', '"proxy_max_temp_file_size" directive invalid value'],
  ] as const) {
    assert.ok(problems(t, `${text} server { }`).join('\n').includes(problem), text)
  }
})
