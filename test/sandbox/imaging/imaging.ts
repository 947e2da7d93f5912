import { Hono } from 'hono'
import { createAssets, securityHeaders } from '../shared/assets.ts'
import { patientOf } from '../shared/patients.ts'
import type { RelyingParty, SandboxEnvironment } from '../shared/relying-party.ts'
import { openArchive } from './archive.ts'
import { noPatientPage, otherPatientPage, viewerPage } from './page.ts'

/** An image viewer that shows studies of the patient in context and of nobody else. */
export const createImaging = async (
  party: RelyingParty,
): Promise<{ fetch: Hono['fetch']; dispose: () => Promise<void> }> => {
  const app = new Hono<SandboxEnvironment>()
  const archive = openArchive()
  const { studies: all } = archive

  securityHeaders(app as unknown as Hono)
  app.route(
    '/',
    await createAssets({
      '/imaging.css': new URL('./imaging.css', import.meta.url),
      '/viewer.js': new URL('./viewer.js', import.meta.url),
      '/dicom-parser.js': 'dicom-parser/dist/dicomParser.min.js',
    }),
  )
  app.route('/', party.routes)
  app.use('*', party.signedIn)

  app.get('/context', (context) => {
    const { patient, purpose_of_use } = context.get('user')
    return context.json({ context: `${patient ?? ''}|${purpose_of_use}` })
  })

  app.get('/', (context) => {
    const user = context.get('user')
    const patient = patientOf(user.patient)
    if (patient === undefined) return context.html(noPatientPage(user))
    const studies = all.filter((entry) => entry.patient.id === patient.id)
    return context.html(viewerPage({ user, patient, studies, open: studies[0] }))
  })

  app.get('/studies/:uid', (context) => {
    const user = context.get('user')
    const open = all.find(({ uid }) => uid === context.req.param('uid'))
    if (open === undefined || open.patient.id !== user.patient)
      return context.html(otherPatientPage(user), 409)
    const studies = all.filter((entry) => entry.patient.id === user.patient)
    return context.html(viewerPage({ user, patient: open.patient, studies, open }))
  })

  app.get('/studies/:uid/instance', async (context) => {
    const wanted = all.find(({ uid }) => uid === context.req.param('uid'))
    if (wanted === undefined || wanted.patient.id !== context.get('user').patient)
      return context.text('This study belongs to another patient.', 409)
    const bytes = await archive.instance(wanted.uid)
    return context.body(new Uint8Array(bytes), 200, { 'content-type': 'application/dicom' })
  })
  return { fetch: app.fetch, dispose: () => archive.dispose() }
}
