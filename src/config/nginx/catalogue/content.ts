// Answers made or changed in ways that this proxy does not have. What a client would see differently is refused; what
// it would not, is harmless.

import { EVERYWHERE, EVERYWHERE_AND_IF, type Module } from '../table.ts'
import { module, not, notUnlessOff, without } from './rows.ts'

const BODIES = 'bodies are passed on as the app made them; let the app do this'

export const CONTENT: readonly Module[] = [
  module(
    'ngx_http_image_filter_module',
    notUnlessOff(
      'pictures are not changed here; let the app or an image service (imgproxy, thumbor) do it',
      ['location'],
      'image_filter:1-3',
    ),
    without(
      'it goes with image_filter, which is refused wherever it is switched on',
      EVERYWHERE,
      `image_filter_buffer image_filter_interlace image_filter_jpeg_quality image_filter_sharpen
       image_filter_transparency image_filter_webp_quality`,
    ),
  ),
  module(
    'ngx_http_xslt_module',
    not(BODIES, ['location'], 'xslt_stylesheet:1+'),
    without(
      'it goes with xslt_stylesheet, which is refused wherever it stands',
      EVERYWHERE,
      'xml_entities xslt_last_modified xslt_param:2 xslt_string_param:2 xslt_types:1+',
    ),
  ),
  module(
    'ngx_http_hls_module',
    not('films are not cut into pieces here; serve pieces that were made beforehand', ['location'], 'hls:0'),
    without(
      'it goes with hls, which is refused wherever it stands',
      EVERYWHERE,
      'hls_buffers:2 hls_forward_args hls_fragment hls_mp4_buffer_size:size hls_mp4_max_buffer_size:size',
    ),
  ),
  module(
    'ngx_http_f4f_module',
    not('films are not cut into pieces here; serve pieces that were made beforehand', ['location'], 'f4f:0'),
    without('it goes with f4f, which is refused wherever it stands', EVERYWHERE, 'f4f_buffer_size:size'),
  ),
  module(
    'third parties: compression',
    without(
      'answers are compressed with gzip where the file says so',
      EVERYWHERE_AND_IF,
      'brotli brotli_buffers:2 brotli_comp_level brotli_min_length brotli_static brotli_types:1+ brotli_window',
    ),
  ),
]
