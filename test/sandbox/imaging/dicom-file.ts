import { data } from 'dcmjs'
import { SIZE } from './phantom.ts'

export interface DicomImage {
  /** Study, series and instance UID. */
  readonly uid: string
  readonly series: string
  readonly instance: string
  readonly accession: string
  readonly date: Date
  readonly patientId: string
  /** `FAMILY, Given (Title)`; written in DICOM's order. */
  readonly patientName: string
  /** ISO date. */
  readonly born: string
  readonly sex: 'female' | 'male'
  readonly modality: 'CR' | 'CT'
  readonly description: string
  readonly pixels: Uint16Array
}

const explicitLittleEndian = '1.2.840.10008.1.2.1'
const storage = { CR: '1.2.840.10008.5.1.4.1.1.1', CT: '1.2.840.10008.5.1.4.1.1.2' } as const
const windows = {
  CR: { center: 1400, width: 2700, intercept: 0 },
  CT: { center: 40, width: 90, intercept: -1024 },
} as const

const digits = (date: Date) => date.toISOString().replace(/[-:]/g, '')
const personName = (name: string) => {
  const [, family = '', given = '', title = ''] = /^(.*), (.*) \((.*)\)$/.exec(name) ?? []
  return `${family}^${given}^^${title}`
}

/** A valid Part 10 file: explicit little endian, 16-bit MONOCHROME2, one frame. */
export const encodeDicom = (image: DicomImage): Uint8Array => {
  const { DicomDict, DicomMetaDictionary } = data
  const sop = storage[image.modality]
  const window = windows[image.modality]
  const meta = {
    FileMetaInformationVersion: new Uint8Array([0, 1]).buffer,
    MediaStorageSOPClassUID: sop,
    MediaStorageSOPInstanceUID: image.instance,
    TransferSyntaxUID: explicitLittleEndian,
    ImplementationClassUID: '2.25.208157632',
    ImplementationVersionName: 'SANDBOX',
  }
  const dataset = {
    SpecificCharacterSet: 'ISO_IR 192',
    ImageType: ['DERIVED', 'PRIMARY'],
    SOPClassUID: sop,
    SOPInstanceUID: image.instance,
    StudyInstanceUID: image.uid,
    SeriesInstanceUID: image.series,
    StudyID: '1',
    SeriesNumber: 1,
    InstanceNumber: 1,
    StudyDate: digits(image.date).slice(0, 8),
    StudyTime: digits(image.date).slice(9, 15),
    AccessionNumber: image.accession,
    Modality: image.modality,
    StudyDescription: image.description,
    Manufacturer: 'Invented',
    PatientName: personName(image.patientName),
    PatientID: image.patientId,
    PatientBirthDate: image.born.replaceAll('-', ''),
    PatientSex: image.sex === 'female' ? 'F' : 'M',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: SIZE,
    Columns: SIZE,
    PixelSpacing: image.modality === 'CT' ? [0.47, 0.47] : [0.7, 0.7],
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    WindowCenter: window.center,
    WindowWidth: window.width,
    RescaleIntercept: window.intercept,
    RescaleSlope: 1,
    PixelData: image.pixels.buffer,
    _vrMap: { PixelData: 'OW' },
  }
  const file = new DicomDict(DicomMetaDictionary.denaturalizeDataset(meta))
  file.dict = DicomMetaDictionary.denaturalizeDataset(dataset)
  return new Uint8Array(file.write())
}
