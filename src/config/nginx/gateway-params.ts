// What app servers without HTTP are told of a request by the files that nginx's packages bring for it, `uwsgi_params` and
// its like, and what Debian's have for PHP, for where one of them is not there. Owns their texts.

/** Alike in all of them, but for its place: the name, and the variable, or the words, that it is. */
const REQUEST = `QUERY_STRING $query_string
REQUEST_METHOD $request_method
CONTENT_TYPE $content_type`
const LENGTH = 'CONTENT_LENGTH $content_length'
const CONNECTION = `SERVER_PROTOCOL $server_protocol
REQUEST_SCHEME $scheme
HTTPS $https if_not_empty
REMOTE_ADDR $remote_addr
REMOTE_PORT $remote_port`
const SERVER = `SERVER_PORT $server_port
SERVER_NAME $server_name`

const UWSGI = `${REQUEST}
${LENGTH}
REQUEST_URI $request_uri
PATH_INFO $document_uri
DOCUMENT_ROOT $document_root
${CONNECTION}
${SERVER}`

/** `REDIRECT_STATUS`: a php that was built to serve redirects only would serve nothing without it. */
const FASTCGI = `${REQUEST}
${LENGTH}
SCRIPT_NAME $fastcgi_script_name
REQUEST_URI $request_uri
DOCUMENT_URI $document_uri
DOCUMENT_ROOT $document_root
${CONNECTION}
REMOTE_USER $remote_user
SERVER_ADDR $server_addr
${SERVER}
GATEWAY_INTERFACE CGI/1.1
SERVER_SOFTWARE nginx/$nginx_version
REDIRECT_STATUS 200`

/** The body's length is the protocol's own affair. */
const SCGI = `${REQUEST}
REQUEST_URI $request_uri
DOCUMENT_URI $document_uri
DOCUMENT_ROOT $document_root
SCGI 1
${CONNECTION}
${SERVER}`

/** By the file's name. */
export const GATEWAY_PARAMS: readonly (readonly [name: string, text: string])[] = [
  ['uwsgi_params', written('uwsgi', UWSGI)],
  ['fastcgi_params', written('fastcgi', FASTCGI)],
  ['fastcgi.conf', written('fastcgi', `SCRIPT_FILENAME $document_root$fastcgi_script_name\n${FASTCGI}`)],
  ['scgi_params', written('scgi', SCGI)],
]

/**
 * Debian's `snippets/fastcgi-php.conf`: only scripts that are there. `try_files` makes the script's name the URI, so that what
 * came after it is kept before.
 */
export const FASTCGI_PHP = `fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
try_files $fastcgi_script_name =404;
set $path_info $fastcgi_path_info;
fastcgi_param PATH_INFO $path_info;
fastcgi_index index.php;
include fastcgi.conf;
`

function written(gateway: string, params: string): string {
  return params.replace(/.+/g, param => `${gateway}_param ${param};`)
}
