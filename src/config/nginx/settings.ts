// All that holds at one place of a site (a server, a location, an `if`), inheritance worked out. Types only: each module's
// own part stands with its directives.

import type { AccessSettings } from './modules/access.ts'
import type { AdditionSettings } from './modules/addition.ts'
import type { BrowserSettings } from './modules/browser.ts'
import type { CharsetSettings } from './modules/charset.ts'
import type { CoreSettings } from './modules/core.ts'
import type { DavSettings } from './modules/dav.ts'
import type { FilmSettings } from './modules/films.ts'
import type { GatewaysSettings } from './modules/gateways.ts'
import type { GzipSettings } from './modules/gzip.ts'
import type { HeaderSettings } from './modules/headers.ts'
import type { LimitSettings } from './modules/limits.ts'
import type { LogSettings } from './modules/log.ts'
import type { MirrorSettings } from './modules/mirror.ts'
import type { ProxySettings } from './modules/proxy.ts'
import type { ProxyCacheSettings } from './modules/proxy-cache.ts'
import type { ProxyTlsSettings } from './modules/proxy-tls.ts'
import type { RealIpSettings } from './modules/real-ip.ts'
import type { RewriteSettings } from './modules/rewrite.ts'
import type { ShieldSettings } from './modules/shield.ts'
import type { SliceSettings } from './modules/slice.ts'
import type { SsiSettings } from './modules/ssi.ts'
import type { StaticSettings } from './modules/static.ts'
import type { StatusSettings } from './modules/status.ts'
import type { SubSettings } from './modules/sub.ts'
import type { TlsSettings } from './modules/tls.ts'
import type { UserIdSettings } from './modules/user-id.ts'

export type Settings = Readonly<
  CoreSettings &
    StaticSettings &
    SliceSettings &
    StatusSettings &
    ProxySettings &
    ProxyCacheSettings &
    ProxyTlsSettings &
    GatewaysSettings &
    HeaderSettings &
    GzipSettings &
    CharsetSettings &
    SubSettings &
    AdditionSettings &
    MirrorSettings &
    AccessSettings &
    LimitSettings &
    RealIpSettings &
    RewriteSettings &
    LogSettings &
    TlsSettings &
    BrowserSettings &
    SsiSettings &
    DavSettings &
    FilmSettings &
    UserIdSettings &
    ShieldSettings
>
