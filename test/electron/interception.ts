import type { Fulfilment, PausedRequest } from './protocol.ts'
import { fulfil } from './protocol.ts'
import type { Paused, Tab } from './tab.ts'
import type { StandInWebContents } from './web-contents.ts'

const resourceTypes: Readonly<
  Record<string, Electron.OnBeforeRequestListenerDetails['resourceType']>
> = {
  Stylesheet: 'stylesheet',
  Script: 'script',
  Image: 'image',
  Font: 'font',
  XHR: 'xhr',
  Fetch: 'xhr',
  EventSource: 'xhr',
  Ping: 'ping',
  CSPViolationReport: 'cspReport',
  Media: 'media',
  WebSocket: 'webSocket',
}

/** What to pause: documents always; everything a handler or listener of the session wants. */
export const pausePatterns = (webContents: StandInWebContents) => {
  const { protocol, webRequest } = webContents.session
  const requests = webRequest.listensToRequests
    ? [{ urlPattern: '*' }]
    : protocol.schemes.map((scheme) => ({ urlPattern: `${scheme}://*` }))
  return [
    { urlPattern: '*', resourceType: 'Document' as const },
    ...requests,
    ...(webRequest.listensToResponses
      ? [{ urlPattern: '*', requestStage: 'Response' as const }]
      : []),
  ]
}

/** Decides about one paused request. Never throws: a request must not stay paused. */
export const intercept = async (
  webContents: StandInWebContents,
  tab: Tab,
  paused: Paused,
): Promise<void> => {
  const { requestId } = paused
  try {
    if (paused.responseStatusCode !== undefined || paused.responseErrorReason !== undefined)
      await interceptResponse(webContents, tab, paused)
    else await interceptRequest(webContents, tab, paused)
  } catch (error) {
    if (webContents.isDestroyed()) return
    console.error(`Failed to handle a request of a page (${originOf(paused.request.url)})`, error)
    await tab.cdp
      .send('Fetch.failRequest', { requestId, errorReason: 'Failed' })
      .catch(() => undefined)
  }
}

const interceptRequest = async (webContents: StandInWebContents, tab: Tab, paused: Paused) => {
  const { cdp } = tab
  const { requestId, request } = paused
  const { session } = webContents
  const origin = originOf(request.url)
  if (origin !== 'null') session.origins.add(origin)

  if (paused.resourceType === 'Document') {
    const isMainFrame = paused.frameId === tab.mainFrameId
    const allowed = webContents.mayNavigate({
      tab,
      url: request.url,
      frameId: paused.frameId,
      isMainFrame,
      isRedirect: paused.redirectedRequestId !== undefined,
    })
    if (!allowed) {
      await cdp.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      return
    }
    await session.permissions.prepare(webContents, request.url, tab)
  }

  const { cancel, redirectURL } = await session.webRequest.beforeRequest({
    ...detailsOf(webContents, tab, paused),
    uploadData: [],
  })
  if (cancel === true) {
    await cdp.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
    return
  }
  if (redirectURL !== undefined) {
    await cdp.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: 307,
      responseHeaders: [{ name: 'location', value: redirectURL }],
    })
    return
  }
  const handler = session.protocol.handlerOf(request.url)
  if (handler === undefined) {
    await cdp.send('Fetch.continueRequest', { requestId })
    return
  }
  const answer = await fulfil(handler, await wholeRequest(paused))
  if (answer === null) await cdp.send('Fetch.failRequest', { requestId, errorReason: 'Failed' })
  else await answerRequest(webContents, tab, paused, answer)
}

const wholeRequest = async ({ request }: Paused): Promise<PausedRequest> => {
  const parts = (request.postDataEntries ?? []).map(({ bytes }) =>
    Buffer.from(bytes ?? '', 'base64'),
  )
  const body = request.hasPostData === true ? new Uint8Array(Buffer.concat(parts)) : null
  return { url: request.url, method: request.method, headers: request.headers, body }
}

const answerRequest = async (
  webContents: StandInWebContents,
  tab: Tab,
  paused: Paused,
  answer: Fulfilment,
) => {
  const { requestId } = paused
  const altered = await alteredHeaders(webContents, tab, {
    ...paused,
    responseStatusCode: answer.responseCode,
    responseStatusText: answer.responsePhrase,
    responseHeaders: answer.responseHeaders,
  })
  if (altered === 'cancel')
    await tab.cdp.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
  else
    await tab.cdp.send('Fetch.fulfillRequest', {
      ...answer,
      requestId,
      responseHeaders: [...(altered?.responseHeaders ?? answer.responseHeaders)],
    })
}

const interceptResponse = async (webContents: StandInWebContents, tab: Tab, paused: Paused) => {
  const { requestId } = paused
  const altered =
    paused.responseStatusCode === undefined ? null : await alteredHeaders(webContents, tab, paused)
  if (altered === 'cancel')
    await tab.cdp.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
  else
    await tab.cdp.send('Fetch.continueResponse', {
      requestId,
      ...(altered === null
        ? {}
        : { responseCode: altered.responseCode, responseHeaders: [...altered.responseHeaders] }),
    })
}

/** What `webRequest.onHeadersReceived` makes of an answer; null: nothing. */
const alteredHeaders = async (webContents: StandInWebContents, tab: Tab, paused: Paused) => {
  const { webRequest } = webContents.session
  if (!webRequest.listensToResponses) return null
  const statusCode = paused.responseStatusCode ?? 200
  const given: Record<string, string[]> = {}
  for (const { name, value } of paused.responseHeaders ?? [])
    given[name] = [...(given[name] ?? []), value]
  const { cancel, responseHeaders, statusLine } = await webRequest.headersReceived({
    ...detailsOf(webContents, tab, paused),
    statusCode,
    statusLine: `HTTP/1.1 ${statusCode} ${paused.responseStatusText ?? ''}`,
    responseHeaders: given,
  })
  if (cancel === true) return 'cancel' as const
  if (responseHeaders === undefined) return null
  return {
    responseCode: statusLine === undefined ? statusCode : Number(statusLine.split(' ')[1]),
    responseHeaders: Object.entries(responseHeaders).flatMap(([name, values]) =>
      [values].flat().map((value) => ({ name, value })),
    ),
  }
}

let requestCount = 0

const detailsOf = (webContents: StandInWebContents, tab: Tab, paused: Paused) => {
  requestCount += 1
  const isMainFrame = paused.frameId === tab.mainFrameId
  return {
    id: requestCount,
    url: paused.request.url,
    method: paused.request.method,
    webContentsId: webContents.id,
    webContents: webContents.asElectron(),
    resourceType:
      paused.resourceType === 'Document'
        ? isMainFrame
          ? ('mainFrame' as const)
          : ('subFrame' as const)
        : (resourceTypes[paused.resourceType] ?? 'other'),
    referrer: paused.request.headers['Referer'] ?? '',
    timestamp: Date.now(),
  }
}

const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : 'null')
