import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../protocol/index.ts'
import { LAUNCH_LIFE, type Launches } from './launches.ts'
import { pageHeaders, refusalPage } from './pages.ts'

/** Cookie that binds a launch to the partition; one per application, they may start together. */
export const partitionCookie = (application: string): string => `lanyard_launch_${application}`

export const cookieOf = (request: IncomingMessage, name: string): string | undefined =>
  request.headers.cookie
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)

export interface LaunchRouteOptions {
  readonly issuer: string
  readonly applications: readonly Application[]
  readonly launches: Pick<Launches, 'open'>
}

/** `GET /launch/<handle>`: opens a handle once and sends the view on to the application. */
export const createLaunchRoute =
  ({ issuer, applications, launches }: LaunchRouteOptions) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number): void => {
      response.writeHead(status, pageHeaders).end(refusalPage)
    }
    // A prefetch, a frame or a script must not use up a handle that belongs to a view.
    const destination = request.headers['sec-fetch-dest']
    if (request.method !== 'GET') return refuse(405)
    if (destination !== undefined && destination !== 'document') return refuse(403)

    const handle = new URL(request.url ?? '/', issuer).pathname.slice('/launch/'.length)
    const opened = await launches.open(handle)
    if (!opened.ok) return refuse(403)
    const application = applications.find(({ id }) => id === opened.application)
    if (application === undefined) return refuse(403)

    const target = new URL(application.launchUrl)
    target.searchParams.set('iss', issuer)
    target.searchParams.set('launch', opened.launch)
    const attributes = [
      `${partitionCookie(application.id)}=${opened.partition}`,
      'Path=/oidc/auth',
      'HttpOnly',
      'SameSite=Lax',
      `Max-Age=${LAUNCH_LIFE / 1000}`,
      ...(issuer.startsWith('https:') ? ['Secure'] : []),
    ]
    response
      .writeHead(302, {
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'set-cookie': attributes.join('; '),
        location: target.href,
      })
      .end()
  }
