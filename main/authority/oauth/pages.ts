/** A page of the authority, without anything of a person or a request. */
const page = (heading: string, text: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Open again from Lanyard</title>
<meta name="viewport" content="width=device-width">
<style>
:root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif }
body { display: grid; min-height: 100vh; margin: 0; place-content: center; padding: 0 2rem }
main { max-width: 34rem }
h1 { font-size: 1.5rem; margin: 0 0 .5rem }
p { margin: 0 }
</style>
</head>
<body>
<main>
<h1>${heading}</h1>
<p>${text}</p>
</main>
</body>
</html>
`

/** What a person sees when a launch or a request is refused; the reason is in the record only. */
export const refusalPage = page(
  'This link does not work',
  'It works once and for one minute. Open the application again from Lanyard.',
)

/** The same when the authority has too much to do. */
export const busyPage = page(
  'Just now this takes too long',
  'Wait a moment, then open the application again from Lanyard.',
)

/** For every page of the authority that a browser may see. */
export const pageHeaders = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const
