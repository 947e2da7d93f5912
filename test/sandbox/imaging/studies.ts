import { createHash } from 'node:crypto'
import { patientName, patients, type Patient, type Study } from '../shared/patients.ts'
import { encodeDicom } from './dicom-file.ts'
import { chestPhantom, headPhantom } from './phantom.ts'

export interface ListedStudy {
  /** StudyInstanceUID, of the 2.25 arc; the same at every start. */
  readonly uid: string
  readonly accession: string
  readonly patient: Patient
  readonly study: Study
  readonly date: Date
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A UID of the arc for UUIDs (PS3.5, B.2) that follows from a name. */
export const uidOf = (name: string): string =>
  `2.25.${BigInt(`0x${digest(name).subarray(0, 15).toString('hex')}`)}`

/** Everything that the archive holds, newest first. */
export const listStudies = (now: Date): readonly ListedStudy[] =>
  patients
    .flatMap((patient) =>
      patient.studies.map((study) => ({
        uid: uidOf(`${patient.id}/${study.key}`),
        accession: `ACC${digest(`${patient.id}/${study.key}`).readUInt32BE(0) % 900_000}`,
        patient,
        study,
        date: new Date(now.getTime() - study.daysAgo * 86_400_000),
      })),
    )
    .toSorted((a, b) => +b.date - +a.date)

/** The one instance of a study as a DICOM Part 10 file. */
export const instanceOf = ({ uid, accession, patient, study, date }: ListedStudy): Uint8Array => {
  const seed = digest(uid).readUInt32BE(0)
  const shape = { seed, opacity: patient.id === 'p-204' && study.key === 'chest' }
  return encodeDicom({
    uid,
    series: uidOf(`${uid}/series`),
    instance: uidOf(`${uid}/instance`),
    accession,
    date,
    patientId: patient.id,
    patientName: patientName(patient),
    born: patient.born,
    sex: patient.sex,
    modality: study.modality,
    description: study.description,
    pixels: study.modality === 'CT' ? headPhantom(shape) : chestPhantom(shape),
  })
}
