/** Invented patients: no name, number or reading here belongs to anyone. */
export interface Medication {
  readonly name: string
  readonly dose: string
  readonly route: string
  readonly frequency: string
  /** Minutes from the start of the sandbox, rounded up to five; negative is overdue. */
  readonly dueIn: number | null
}

export interface Result {
  readonly test: string
  readonly value: string
  readonly unit: string
  readonly range: string
  readonly flag: 'high' | 'low' | null
  readonly hoursAgo: number
}

export interface Note {
  readonly author: string
  readonly role: string
  readonly hoursAgo: number
  readonly text: string
}

export interface Vitals {
  readonly hoursAgo: number
  readonly pulse: number
  readonly systolic: number
  readonly diastolic: number
  readonly temperature: number
  readonly saturation: number
}

export interface Study {
  readonly key: string
  readonly modality: 'CR' | 'CT'
  readonly description: string
  readonly daysAgo: number
}

export interface Patient {
  readonly id: string
  readonly family: string
  readonly given: string
  readonly title: string
  /** ISO date. */
  readonly born: string
  readonly sex: 'female' | 'male'
  readonly bed: string
  readonly consultant: string
  readonly reason: string
  readonly allergies: readonly string[]
  readonly problems: readonly string[]
  readonly alerts: readonly string[]
  readonly medications: readonly Medication[]
  readonly results: readonly Result[]
  readonly notes: readonly Note[]
  readonly vitals: readonly Vitals[]
  readonly studies: readonly Study[]
}

/** A day of readings every two hours around a resting state, the same at every start. */
const readings = (
  seed: number,
  rest: Omit<Vitals, 'hoursAgo'>,
  fever: number,
): readonly Vitals[] => {
  let state = seed
  const noise = (span: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return (state / 2_147_483_648 - 0.5) * 2 * span
  }
  return Array.from({ length: 13 }, (_, index) => {
    const hoursAgo = 24 - index * 2
    const bump = fever * Math.exp(-(((hoursAgo - 9) / 5) ** 2))
    return {
      hoursAgo,
      pulse: Math.round(rest.pulse + bump * 9 + noise(3)),
      systolic: Math.round(rest.systolic - bump * 4 + noise(5)),
      diastolic: Math.round(rest.diastolic - bump * 2 + noise(4)),
      temperature: Math.round((rest.temperature + bump + noise(0.12)) * 10) / 10,
      saturation: Math.round(Math.min(100, rest.saturation - bump + noise(0.8))),
    }
  })
}

const chest = (daysAgo: number, key = 'chest'): Study => ({
  key,
  modality: 'CR',
  description: 'Chest PA',
  daysAgo,
})
const head = (daysAgo: number): Study => ({
  key: 'head',
  modality: 'CT',
  description: 'CT head, phantom slice',
  daysAgo,
})

const bloods = (sodium: number, creatinine: number, crp: number, hb: number): Result[] => [
  {
    test: 'Sodium',
    value: `${sodium}`,
    unit: 'mmol/L',
    range: '135 to 145',
    flag: sodium < 135 ? 'low' : null,
    hoursAgo: 3,
  },
  { test: 'Potassium', value: '4.1', unit: 'mmol/L', range: '3.5 to 5.1', flag: null, hoursAgo: 3 },
  {
    test: 'Creatinine',
    value: `${creatinine}`,
    unit: 'µmol/L',
    range: '45 to 90',
    flag: creatinine > 90 ? 'high' : null,
    hoursAgo: 3,
  },
  {
    test: 'C-reactive protein',
    value: `${crp}`,
    unit: 'mg/L',
    range: 'below 5',
    flag: crp >= 5 ? 'high' : null,
    hoursAgo: 3,
  },
  {
    test: 'Haemoglobin',
    value: `${hb}`,
    unit: 'g/L',
    range: '120 to 160',
    flag: hb < 120 ? 'low' : null,
    hoursAgo: 26,
  },
  {
    test: 'White cells',
    value: '9.8',
    unit: '10⁹/L',
    range: '4.0 to 11.0',
    flag: null,
    hoursAgo: 26,
  },
]

const med = (
  name: string,
  dose: string,
  route: string,
  frequency: string,
  dueIn: number | null,
): Medication => ({ name, dose, route, frequency, dueIn })

export const patients: readonly Patient[] = [
  {
    id: 'p-204',
    family: 'Sample',
    given: 'Ada',
    title: 'Ms',
    born: '1945-07-14',
    sex: 'female',
    bed: '3 West, bed 4',
    consultant: 'Dr Okafor-Lind',
    reason: 'Community-acquired pneumonia, day 2',
    allergies: ['Penicillin (rash)', 'Latex'],
    problems: ['Pneumonia, right lower zone', 'Type 2 diabetes', 'Hypertension'],
    alerts: ['Falls risk', 'Hearing aid, left'],
    medications: [
      med('Clarithromycin', '500 mg', 'oral', 'twice a day', 25),
      med('Metformin', '850 mg', 'oral', 'with meals', 55),
      med('Enoxaparin', '40 mg', 'subcutaneous', 'once a day', -20),
      med('Ramipril', '5 mg', 'oral', 'once a day', 145),
      med('Paracetamol', '1 g', 'oral', 'if needed, up to 4 a day', null),
    ],
    results: bloods(133, 98, 86, 118),
    notes: [
      {
        author: 'Jonas Okafor-Lind',
        role: 'Physician',
        hoursAgo: 5,
        text: 'Afebrile since midnight, less breathless. Change to oral antibiotics today. Repeat CRP tomorrow.',
      },
      {
        author: 'Sam Tarrant',
        role: 'Charge nurse',
        hoursAgo: 11,
        text: 'Settled after 22:00. Walked to the bathroom with one person. Fluids encouraged.',
      },
    ],
    vitals: readings(
      204,
      { pulse: 82, systolic: 134, diastolic: 78, temperature: 37.1, saturation: 95 },
      1.2,
    ),
    studies: [chest(1), chest(402, 'chest-earlier')],
  },
  {
    id: 'p-205',
    family: 'Specimen',
    given: 'Otto',
    title: 'Mr',
    born: '1958-02-03',
    sex: 'male',
    bed: '3 West, bed 5',
    consultant: 'Dr Okafor-Lind',
    reason: 'Heart failure, fluid overload',
    allergies: ['No known allergies'],
    problems: ['Heart failure', 'Atrial fibrillation', 'Gout'],
    alerts: ['Fluid restriction 1.5 L'],
    medications: [
      med('Furosemide', '40 mg', 'intravenous', 'twice a day', 40),
      med('Bisoprolol', '2.5 mg', 'oral', 'once a day', 145),
      med('Apixaban', '5 mg', 'oral', 'twice a day', 205),
    ],
    results: bloods(137, 121, 7, 131),
    notes: [
      {
        author: 'Mary Underwood',
        role: 'Nurse',
        hoursAgo: 4,
        text: 'Weight 82.4 kg, down 0.9 kg. Ankles less swollen. Sleeps on two pillows.',
      },
    ],
    vitals: readings(
      205,
      { pulse: 91, systolic: 118, diastolic: 70, temperature: 36.7, saturation: 94 },
      0.1,
    ),
    studies: [chest(2)],
  },
  {
    id: 'p-207',
    family: 'Placeholder',
    given: 'Ines',
    title: 'Mrs',
    born: '1987-11-30',
    sex: 'female',
    bed: '3 West, bed 7',
    consultant: 'Dr Okafor-Lind',
    reason: 'Asthma, recovering',
    allergies: ['Ibuprofen (wheeze)'],
    problems: ['Asthma', 'Eczema'],
    alerts: [],
    medications: [
      med('Prednisolone', '40 mg', 'oral', 'once a day, 3 days left', 145),
      med('Salbutamol', '2 puffs', 'inhaled', 'if needed', null),
      med('Beclometasone', '200 µg', 'inhaled', 'twice a day', 25),
    ],
    results: bloods(139, 64, 3, 134),
    notes: [],
    vitals: readings(
      207,
      { pulse: 88, systolic: 121, diastolic: 74, temperature: 36.8, saturation: 97 },
      0.2,
    ),
    studies: [chest(3)],
  },
  {
    id: 'p-211',
    family: 'Example',
    given: 'Bruno',
    title: 'Mr',
    born: '1972-05-19',
    sex: 'male',
    bed: '3 West, bed 11',
    consultant: 'Dr Okafor-Lind',
    reason: 'Cellulitis, left leg',
    allergies: ['No known allergies'],
    problems: ['Cellulitis', 'Type 1 diabetes'],
    alerts: ['Insulin pump'],
    medications: [
      med('Flucloxacillin', '1 g', 'intravenous', 'four times a day', 10),
      med('Insulin, rapid-acting', 'by pump', 'subcutaneous', 'continuous', null),
    ],
    results: bloods(140, 77, 54, 142),
    notes: [],
    vitals: readings(
      211,
      { pulse: 79, systolic: 127, diastolic: 76, temperature: 37.4, saturation: 98 },
      0.8,
    ),
    studies: [],
  },
  {
    id: 'p-212',
    family: 'Testcase',
    given: 'Wilma',
    title: 'Ms',
    born: '1939-09-08',
    sex: 'female',
    bed: '3 West, bed 12',
    consultant: 'Dr Okafor-Lind',
    reason: 'Fall at home, observation',
    allergies: ['Codeine (nausea)'],
    problems: ['Fall', 'Osteoporosis', 'Chronic kidney disease, stage 3'],
    alerts: ['Falls risk', 'Neurological observations every 2 h'],
    medications: [
      med('Calcium with vitamin D', '1 tablet', 'oral', 'once a day', 145),
      med('Paracetamol', '1 g', 'oral', 'four times a day', 25),
    ],
    results: bloods(136, 134, 4, 116),
    notes: [
      {
        author: 'Jonas Okafor-Lind',
        role: 'Physician',
        hoursAgo: 6,
        text: 'No focal deficit. Head CT without bleeding. Continue observations until noon.',
      },
    ],
    vitals: readings(
      212,
      { pulse: 72, systolic: 146, diastolic: 82, temperature: 36.5, saturation: 96 },
      0.1,
    ),
    studies: [head(0), chest(0)],
  },
  {
    id: 'p-231',
    family: 'Fiction',
    given: 'Nora',
    title: 'Mrs',
    born: '1964-12-01',
    sex: 'female',
    bed: '5 East, bed 2',
    consultant: 'Dr Invented',
    reason: 'Sudden breathlessness after surgery, day 1',
    allergies: ['Iodine contrast (hives)'],
    problems: ['Hip replacement, right', 'Deep vein thrombosis, 2019'],
    alerts: ['Contrast allergy'],
    medications: [
      med('Enoxaparin', '40 mg', 'subcutaneous', 'once a day', -35),
      med('Morphine', '2 mg', 'intravenous', 'if needed', null),
      med('Ondansetron', '4 mg', 'intravenous', 'if needed', null),
    ],
    results: bloods(138, 71, 112, 102),
    notes: [
      {
        author: 'Lena Madeup',
        role: 'Nurse',
        hoursAgo: 1,
        text: 'Suddenly short of breath, saturation 88 % on air. Oxygen started, ward doctor called.',
      },
    ],
    vitals: readings(
      231,
      { pulse: 112, systolic: 104, diastolic: 62, temperature: 37.3, saturation: 90 },
      0.7,
    ),
    studies: [chest(0), head(1)],
  },
]

export const patientOf = (id: string | null | undefined): Patient | undefined =>
  patients.find((patient) => patient.id === id)

/** NHS CUI: `FAMILY, Given (Title)`. */
export const patientName = ({ family, given, title }: Patient): string =>
  `${family.toUpperCase()}, ${given} (${title})`

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `14-Jul-1945`, from an ISO date. */
export const shortDate = (iso: string): string => {
  const [year, month, day] = iso.slice(0, 10).split('-')
  return `${day}-${months[Number(month) - 1] ?? ''}-${year}`
}

export const ageOn = (born: string, now: Date): number => {
  const birthday = new Date(born)
  const age = now.getFullYear() - birthday.getFullYear()
  const passed =
    now.getMonth() > birthday.getMonth() ||
    (now.getMonth() === birthday.getMonth() && now.getDate() >= birthday.getDate())
  return passed ? age : age - 1
}
