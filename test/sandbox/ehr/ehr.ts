import { Hono } from 'hono'
import { createAssets, securityHeaders } from '../shared/assets.ts'
import type { RelyingParty, SandboxEnvironment } from '../shared/relying-party.ts'
import { accessTo, revisionOf } from './access.ts'
import { chartPath, patientAt } from './chart-path.ts'
import { chartPage, noPatientPage, notOnListPage } from './chart-page.ts'
import { layout, roleName } from './layout.ts'

interface Written {
  readonly patient: string
  readonly author: string
  readonly role: string
  readonly at: Date
  readonly text: string
}

/** The record system of an invented hospital: charts, medications, results and notes. */
export const createEhr = async (
  party: RelyingParty,
): Promise<{ fetch: Hono['fetch']; dispose: () => Promise<void> }> => {
  const app = new Hono<SandboxEnvironment>()
  const started = new Date()
  const written: Written[] = []
  const given = new Map<string, Map<string, Date>>()

  securityHeaders(app as unknown as Hono)
  app.route(
    '/',
    await createAssets({
      '/ehr.css': new URL('./ehr.css', import.meta.url),
      '/chart.js': new URL('./chart.js', import.meta.url),
    }),
  )
  app.route('/', party.routes)
  app.use('*', party.signedIn)
  // SameSite keeps other sites out; this also keeps out the neighbour on the same address.
  app.use('*', async (context, next) => {
    const { method } = context.req
    const own = context.req.header('origin') === party.application.origins[0]
    if (method !== 'GET' && !own) return context.text('This form belongs to another page.', 403)
    return next()
  })

  app.get('/', (context) => {
    const user = context.get('user')
    const { patient } = user
    return patient === undefined
      ? context.html(layout({ user, patient: null, content: noPatientPage() }))
      : context.redirect(chartPath(patient))
  })
  app.get('/context', (context) => context.json({ revision: revisionOf(context.get('user')) }))
  app.post('/find', async (context) => {
    const { mrn } = await context.req.parseBody()
    const wanted = typeof mrn === 'string' ? mrn.trim().toLowerCase() : ''
    return context.redirect(chartPath(wanted), 303)
  })

  app.get('/charts/:slug', (context) => {
    const user = context.get('user')
    const now = new Date()
    const patient = patientAt(context.req.param('slug'))
    const access =
      patient === undefined ? ({ kind: 'refused' } as const) : accessTo(user, patient.id, +now)
    // Unknown and refused answer alike, so that trying numbers tells nothing.
    if (patient === undefined || access.kind === 'refused')
      return context.html(layout({ user, patient: null, content: notOnListPage() }), 403)
    const content = chartPage({
      patient,
      access,
      started,
      now,
      written: written.filter((note) => note.patient === patient.id),
      given: given.get(patient.id) ?? new Map(),
    })
    return context.html(layout({ user, patient: patient.id, content }))
  })

  app.post('/charts/:slug/:what{notes|medications}', async (context) => {
    const user = context.get('user')
    const { slug, what } = context.req.param()
    const patient = patientAt(slug)
    const id = patient?.id ?? ''
    const access = accessTo(user, id, Date.now())
    if (patient === undefined || access.kind === 'refused' || !access.writes)
      return context.html(layout({ user, patient: null, content: notOnListPage() }), 403)
    const form = await context.req.parseBody()
    const at = new Date()
    if (what === 'notes') {
      const text = typeof form['text'] === 'string' ? form['text'].trim().slice(0, 4000) : ''
      if (text !== '')
        written.unshift({ patient: id, author: user.name, role: roleName(user.role), at, text })
    } else {
      const medication = patient.medications.find(({ name }) => name === form['name'])
      if (medication !== undefined)
        given.set(id, new Map([...(given.get(id) ?? []), [medication.name, at]]))
    }
    return context.redirect(`${chartPath(id)}#${what}`, 303)
  })
  return { fetch: app.fetch, dispose: async () => undefined }
}
