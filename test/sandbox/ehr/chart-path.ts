import { createHmac, randomBytes } from 'node:crypto'
import { patients, type Patient } from '../shared/patients.ts'

/** Of this run: addresses end up in histories and logs, so they say nothing of the patient. */
const key = randomBytes(32)

const slugOf = (id: string): string =>
  createHmac('sha256', key).update(id).digest('base64url').slice(0, 22)

export const chartPath = (id: string): string => `/charts/${slugOf(id)}`

export const patientAt = (slug: string): Patient | undefined =>
  patients.find(({ id }) => slugOf(id) === slug)
