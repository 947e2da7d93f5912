import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

/** For every page of the sandbox: nothing but its own origin, and nothing frames it. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

interface Notice {
  readonly application: string
  readonly heading: string
  readonly text: string
}

const notice = ({ application, heading, text }: Notice): Html =>
  html`<!doctype html>
    <html lang="en" data-ready="true">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${application}</title>
        <link rel="stylesheet" href="/shared.css" />
      </head>
      <body class="notice">
        <main>
          <p class="notice-application">${application}</p>
          <h1>${heading}</h1>
          <p>${text}</p>
        </main>
      </body>
    </html>`

export const signedOutPage = (application: string): Html =>
  notice({
    application,
    heading: 'You are signed out',
    text: 'Tap your badge at Lanyard, then open the application from there.',
  })

export const unreachablePage = (application: string): Html =>
  notice({
    application,
    heading: 'Sign-in is not ready',
    text: 'The hospital’s sign-in service has not answered yet. Open the application again in a moment.',
  })
