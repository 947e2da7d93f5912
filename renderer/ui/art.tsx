/*
 * The pictures of the screens: one badge, one reader, one key, drawn once and combined, so that the
 * same prompt looks the same everywhere. Colours come from ui/art.css.
 */

function Strap() {
  return (
    <g className="art-strap">
      <g mask="url(#art-straps)">
        <path d="M99 -76 L190 96 L210 96 L131 -76 Z" className="art-strap-back" />
        <path d="M301 -76 L210 96 L190 96 L269 -76 Z" className="art-strap-front" />
      </g>
      <rect x="184" y="88" width="32" height="26" rx="6" className="art-metal" />
      <path d="M192 112 h16 v14 a8 8 0 0 1 -16 0 Z" className="art-metal" />
    </g>
  )
}

function Card() {
  return (
    <g>
      <rect x="112" y="126" width="176" height="226" rx="20" className="art-shadow" />
      <rect x="112" y="122" width="176" height="226" rx="20" className="art-card" />
      <rect x="176" y="134" width="48" height="10" rx="5" className="art-slot" />
      <path
        d="M112 290 h176 v38 a20 20 0 0 1 -20 20 h-136 a20 20 0 0 1 -20 -20 Z"
        className="art-band"
      />
      <circle cx="200" cy="206" r="40" className="art-photo" />
      <circle cx="200" cy="195" r="15" className="art-person" />
      <path d="M170 233 a30 27 0 0 1 60 0 a40 40 0 0 1 -60 0 Z" className="art-person" />
      <rect x="152" y="258" width="96" height="9" rx="4.5" className="art-line" />
      <rect x="170" y="273" width="60" height="7" rx="3.5" className="art-line art-line-soft" />
      <path
        d="M196 305 h8 v9 h9 v8 h-9 v9 h-8 v-9 h-9 v-8 h9 Z"
        className="art-cross"
        transform="translate(0 -1)"
      />
    </g>
  )
}

function Reader() {
  return (
    <g>
      <ellipse cx="200" cy="478" rx="132" ry="10" className="art-shadow" />
      <path
        d="M92 436 h216 l18 32 a6 6 0 0 1 -5 9 h-242 a6 6 0 0 1 -5 -9 Z"
        className="art-reader"
      />
      <rect x="84" y="430" width="232" height="12" rx="6" className="art-reader-top" />
      <rect x="182" y="455" width="36" height="6" rx="3" className="art-led" />
    </g>
  )
}

function Waves() {
  return (
    <g className="art-waves">
      <path d="M176 412 a34 34 0 0 1 48 0" />
      <path d="M158 396 a60 60 0 0 1 84 0" />
      <path d="M140 380 a86 86 0 0 1 120 0" />
    </g>
  )
}

function Seal({ children }: { readonly children: React.ReactNode }) {
  return (
    <g transform="translate(272 322)">
      <circle r="48" className="art-seal" />
      {children}
    </g>
  )
}

const check = <path d="M-20 1 l13 14 l27 -29" className="art-seal-mark" />
const padlock = (
  <g className="art-seal-mark">
    <rect x="-18" y="-5" width="36" height="27" rx="5" />
    <path d="M-11 -5 v-8 a11 11 0 0 1 22 0 v8" />
  </g>
)
const question = (
  <g className="art-seal-mark">
    <path d="M-11 -10 a11 11 0 1 1 15 11 q-4 2 -4 8" />
    <path d="M0 19 v0.5" />
  </g>
)

function Key() {
  return (
    <g transform="translate(0 8)">
      <rect x="126" y="66" width="148" height="300" rx="40" className="art-shadow" />
      <rect x="164" y="330" width="72" height="74" rx="8" className="art-metal" />
      <rect x="178" y="352" width="10" height="26" rx="3" className="art-contact" />
      <rect x="195" y="352" width="10" height="26" rx="3" className="art-contact" />
      <rect x="212" y="352" width="10" height="26" rx="3" className="art-contact" />
      <rect x="126" y="60" width="148" height="284" rx="40" className="art-card" />
      <circle cx="200" cy="104" r="17" className="art-hole" />
      <circle cx="200" cy="222" r="62" className="art-touch" />
      <g className="art-finger">
        <path d="M172 232 a28 30 0 0 1 56 -8 c1 14 0 24 -3 34" />
        <path d="M184 252 c4 -12 1 -22 3 -30 a13 14 0 0 1 26 2 c1 16 -1 28 -6 40" />
        <path d="M200 224 c1 18 -1 30 -7 42" />
        <path d="M176 202 a36 36 0 0 1 50 2" />
      </g>
    </g>
  )
}

export type ArtKind = 'tap' | 'read' | 'key' | 'shield' | 'welcome' | 'witness' | 'help' | 'quiet'

/** Decoration: everything it shows is in words beside it. `still` keeps the waves from moving. */
export function Art({ kind }: { readonly kind: ArtKind }) {
  return (
    <svg className={`art art-kind-${kind}`} viewBox="0 -40 400 540" aria-hidden="true">
      <defs>
        {/* The straps come out of the dark above instead of ending at an edge. */}
        <linearGradient id="art-fade" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0.1" stopColor="#000000" />
          <stop offset="0.75" stopColor="#ffffff" />
        </linearGradient>
        <mask id="art-straps" maskUnits="userSpaceOnUse" x="60" y="-76" width="280" height="230">
          <rect x="60" y="-76" width="280" height="230" fill="url(#art-fade)" />
        </mask>
      </defs>
      {kind === 'key' ? (
        <Key />
      ) : kind === 'witness' ? (
        <>
          <g transform="translate(-52 -8) rotate(-6 200 240)" className="art-behind">
            <Strap />
            <Card />
          </g>
          <g transform="translate(56 36) rotate(5 200 240)">
            <Strap />
            <Card />
            <Seal>{check}</Seal>
          </g>
        </>
      ) : (
        <>
          <Strap />
          <Card />
          {kind === 'tap' && <Waves />}
          {(kind === 'tap' || kind === 'read' || kind === 'quiet') && <Reader />}
          {(kind === 'read' || kind === 'welcome') && <Seal>{check}</Seal>}
          {kind === 'shield' && <Seal>{padlock}</Seal>}
          {kind === 'help' && <Seal>{question}</Seal>}
        </>
      )}
    </svg>
  )
}

/** The product's sign: a badge on its strap. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M9 2 L15.4 12 M23 2 L16.6 12" className="logo-strap" />
      <rect x="7" y="12" width="18" height="18" rx="4.5" className="logo-card" />
      <circle cx="16" cy="19" r="3" className="logo-hole" />
      <path d="M11.5 26.5 a4.5 3.6 0 0 1 9 0" className="logo-hole" />
    </svg>
  )
}
