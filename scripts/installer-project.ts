import { readFile, writeFile } from 'node:fs/promises'

/** electron-builder's `msiProjectCreated`: what its own project of the MSI leaves out. */
export async function msiProjectCreated(path: string): Promise<void> {
  await writeFile(path, withEnrolment(await readFile(path, 'utf8')))
}

/**
 * Who may do what in the folder of the enrolment, as SDDL: names of accounts differ by language. The
 * system and administrators everything; whoever is logged on at the machine reads and deletes the
 * file that is there and puts none there; nobody else, so nobody over the network.
 */
const rights = 'D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;FRFX;;;IU)(A;OIIO;FRSD;;;IU)'

/** A component without a file needs a GUID of its own: never change it. */
const component = '6E0B2C0E-3F5D-4B0C-9C55-4D4B7C1F5A62'

/** Named in upper case, so that they can be set from outside; Secure, so that they reach the service. */
const properties = `
    <Property Id="LANYARD_AUTHORITY_URL" Secure="yes"/>
    <Property Id="LANYARD_ENROLMENT_TOKEN" Secure="yes" Hidden="yes"/>
    <Condition Message="LANYARD_ENROLMENT_TOKEN needs LANYARD_AUTHORITY_URL: the address of the authority that issued it."><![CDATA[Installed OR NOT LANYARD_ENROLMENT_TOKEN OR LANYARD_AUTHORITY_URL]]></Condition>
`

const reference = `
      <ComponentGroupRef Id="EnrolmentComponents"/>`

const file = `
    <Directory Id="ENROLMENTFOLDER" Name="APPLICATIONFOLDER:\\enrolment\\"/>
    <ComponentGroup Id="EnrolmentComponents" Directory="ENROLMENTFOLDER">
      <Component Id="enrolment" Guid="${component}" KeyPath="yes">
        <Condition>LANYARD_AUTHORITY_URL</Condition>
        <CreateFolder>
          <PermissionEx Sddl="${rights}"/>
        </CreateFolder>
        <IniFile Id="enrolmentUrl" Action="addLine" Directory="ENROLMENTFOLDER" Name="enrolment.ini" Section="enrolment" Key="url" Value="[LANYARD_AUTHORITY_URL]"/>
        <IniFile Id="enrolmentToken" Action="addLine" Directory="ENROLMENTFOLDER" Name="enrolment.ini" Section="enrolment" Key="token" Value="[LANYARD_ENROLMENT_TOKEN]"/>
        <RemoveFile Id="enrolmentFile" Name="enrolment.ini" On="uninstall"/>
      </Component>
    </ComponentGroup>
`

/**
 * The project with the properties that enrol a workstation. Windows Installer writes them into a file
 * beside the executable, by its own means: no custom action, so no program runs as SYSTEM.
 */
export function withEnrolment(project: string): string {
  const behind = (text: string, anchor: RegExp, part: string) => {
    const found = anchor.exec(text)
    if (!found)
      throw new Error(
        `The project of the MSI has no ${anchor.source}: electron-builder's template changed; ` +
          'mend scripts/installer-project.ts',
      )
    const end = found.index + found[0].length
    return text.slice(0, end) + part + text.slice(end)
  }
  const parts: readonly (readonly [RegExp, string])[] = [
    [/<MediaTemplate [^>]*\/>/, properties],
    [/<ComponentGroupRef Id="ProductComponents"\/>/, reference],
    [/<\/Feature>/, file],
  ]
  return parts.reduce((text, [anchor, part]) => behind(text, anchor, part), project)
}
