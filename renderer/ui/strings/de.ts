import type { MessageKey } from './en.ts'

/** German as it is spoken in hospitals: „Ausweis“, „Station“, „Notfallzugriff“; people are addressed with „Sie“. */
export const de: Readonly<Record<MessageKey, string>> = {
  'product.name': 'Lanyard',
  'window.locked': 'Lanyard · gesperrt',
  'window.workspace': 'Lanyard · Arbeitsplatz',
  'window.signIn': 'Lanyard · Anmeldung',

  'action.back': 'Zurück',
  'action.cancel': 'Abbrechen',
  'action.close': 'Schließen',
  'action.tryAgain': 'Erneut versuchen',
  'action.toLockScreen': 'Zurück zum Sperrbildschirm',
  'action.otherWays': 'Andere Anmeldewege',
  'action.withoutBadge': 'Ohne Ausweis anmelden',
  'action.emergency': 'Notanmeldung',
  'action.setupCode': 'Einrichtungscode eingeben',

  'menu.open': 'Menü',
  'menu.settings': 'Sprache und Anzeige',
  'menu.language': 'Sprache',
  'menu.theme': 'Anzeige',
  'menu.theme.light': 'Hell',
  'menu.theme.night': 'Nacht',
  'menu.applications': 'Anwendungen',
  'menu.badges': 'Meine Ausweise',
  'menu.passkeys': 'Meine Passkeys',
  'menu.reviews': 'Prüfungen',
  'menu.readers': 'Leser testen',
  'menu.signOut': 'Abmelden',
  'language.en': 'English',
  'language.de': 'Deutsch',

  'role.nurse': 'Pflege',
  'role.physician': 'Ärztlicher Dienst',
  'role.charge-nurse': 'Stationsleitung',
  'role.privacy-officer': 'Datenschutz',
  'role.it-engineer': 'IT-Betrieb',

  'status.label': 'Zustand dieses Arbeitsplatzes',
  'status.copied': 'Zwei Geräte nutzen den Schlüssel dieses Arbeitsplatzes – IT verständigen',
  'reader.starting': 'Leser startet',
  'reader.ready': 'Leser bereit',
  'reader.missing': 'Kein Leser',
  'reader.unplugged': 'Leser abgezogen',
  'reader.silent': 'Leser antwortet nicht',
  'reader.babbling': 'Leser gestört',
  'reader.driver-missing': 'Leser nicht eingerichtet',
  'reader.permission-denied': 'Leser gesperrt',
  'network.starting': 'Verbindung wird aufgebaut',
  'network.online': 'Verbunden',
  'network.offline': 'Getrennt seit {since}',
  'network.failed': 'Dienst angehalten',

  'starting.title': 'Gleich bereit',
  'starting.body':
    'Lanyard öffnet das Anmeldeprotokoll und den Ausweisleser. Das dauert wenige Sekunden.',
  'starting.slow':
    'Das dauert länger als üblich. Sie können warten oder einen anderen Arbeitsplatz nutzen. Bleibt es so, nennen Sie der IT den Namen des Arbeitsplatzes unten.',

  'locked.title': 'Ausweis auflegen',
  'locked.body':
    'Halten Sie Ihren Ausweis an den Leser. Ihr Arbeitsplatz öffnet sich hier, so wie Sie ihn verlassen haben.',
  'locked.waiting':
    '{count, plural, one {Von # Person liegt hier aufbewahrte Arbeit.} other {Von # Personen liegt hier aufbewahrte Arbeit.}} Auflegen genügt, um fortzufahren.',
  'locked.noReader.missing.title': 'Kein Ausweisleser angeschlossen',
  'locked.noReader.missing.body':
    'Lanyard findet keinen Ausweisleser. Stecken Sie das USB-Kabel des Lesers ein; eine Sekunde später ist er bereit.',
  'locked.noReader.unplugged.title': 'Ausweisleser abgezogen',
  'locked.noReader.unplugged.body':
    'Der Leser war eben noch angeschlossen. Stecken Sie sein USB-Kabel wieder ein; eine Sekunde später ist er bereit.',
  'locked.noReader.silent.title': 'Ausweisleser antwortet nicht',
  'locked.noReader.silent.body':
    'Der Leser ist angeschlossen, antwortet aber nicht. Ziehen Sie ihn ab, warten Sie drei Sekunden und stecken Sie ihn wieder ein.',
  'locked.noReader.babbling.title': 'Ausweisleser gestört',
  'locked.noReader.babbling.body':
    'Der Leser sendet unverständliche Signale. Nehmen Sie Ausweise, Telefone und Karten vom Leser. Hält es an, ziehen Sie ihn ab und melden Sie es der IT.',
  'locked.noReader.driver-missing.title': 'Ausweisleser nicht eingerichtet',
  'locked.noReader.driver-missing.body':
    'Auf diesem Arbeitsplatz fehlt ein Baustein für den Leser. Die IT kann ihn installieren; ohne Ausweis können Sie sich schon jetzt anmelden.',
  'locked.noReader.permission-denied.title': 'Ausweisleser gesperrt',
  'locked.noReader.permission-denied.body':
    'Dieser Arbeitsplatz lässt Lanyard nicht auf den Leser zugreifen. Die IT kann das freigeben; ohne Ausweis können Sie sich schon jetzt anmelden.',
  'locked.offline.title': 'Anmeldung nicht erreichbar',
  'locked.offline.body':
    'Seit {since} besteht keine Verbindung zum Anmeldedienst. Lanyard verbindet sich von selbst wieder. Nutzen Sie bis dahin einen anderen Arbeitsplatz oder Ihr Ausfallkonzept.',
  'locked.alone':
    'Ohne Netz seit {since}. Wer sich hier kürzlich angemeldet hat, kann sich bis {until} anmelden.',
  'locked.alone.over':
    'Ohne Netz seit {since}. Die Anmeldung ohne Netz endete um {until}. Die Notanmeldung mit einer zweiten Person geht weiterhin.',
  'locked.failed.title': 'Anmeldung angehalten',
  'locked.failed.body':
    'Der Anmeldedienst hat um {since} angehalten und wird neu gestartet. Bleibt es länger als eine Minute so, nutzen Sie einen anderen Arbeitsplatz und melden Sie es der IT.',

  'notice.badge-refused': 'Dieser Ausweis kann hier nicht genutzt werden.',
  'notice.badge-refused.next':
    'Legen Sie einen anderen Ausweis auf oder melden Sie sich ohne Ausweis an. Die IT kann den Grund sehen.',
  'notice.badge-refused-offline': 'Dieser Ausweis kann hier ohne Netz nicht genutzt werden.',
  'notice.badge-refused-offline.next':
    'Nutzen Sie einen Arbeitsplatz, an dem Sie sich kürzlich angemeldet haben, oder Ihr Ausfallkonzept.',
  'notice.two-badges': 'Es wurden zwei Ausweise gelesen.',
  'notice.two-badges.next':
    'Halten Sie einen vom Leser fern und legen Sie den anderen noch einmal auf.',
  'notice.too-many-badges': 'In kurzer Zeit wurden viele Ausweise gelesen.',
  'notice.too-many-badges.next':
    'Warten Sie einen Moment und legen Sie Ihren Ausweis erneut auf, oder melden Sie sich ohne Ausweis an.',
  'notice.signed-out': 'Abgemeldet.',
  'notice.signed-out.next': 'Alles, was hier geöffnet war, ist geschlossen.',
  'notice.session-over.inactivity':
    'Die Sitzung wurde beendet, weil sie längere Zeit nicht genutzt wurde.',
  'notice.session-over.inactivity.next': 'Legen Sie Ihren Ausweis auf, um sich wieder anzumelden.',
  'notice.session-over.session-limit': 'Die Sitzung hat ihre Höchstdauer erreicht.',
  'notice.session-over.session-limit.next':
    'Legen Sie Ihren Ausweis auf und bestätigen Sie mit Ihrem Passkey, um fortzufahren.',
  'notice.session-over.emergency-over': 'Die Notanmeldung ist beendet.',
  'notice.session-over.emergency-over.next':
    'Sie ist protokolliert und wird geprüft. Melden Sie sich zum Fortfahren wie gewohnt an.',
  'notice.session-over.revoked': 'Die Sitzung wurde von anderer Stelle beendet.',
  'notice.session-over.revoked.next': 'Kommt das für Sie unerwartet, melden Sie es der IT.',
  'notice.session-over.person-disabled': 'Das Konto wurde im Verzeichnis geschlossen.',
  'notice.session-over.person-disabled.next': 'Ist das falsch, fragen Sie die IT.',
  'notice.session-over.workstation-disabled': 'Dieser Arbeitsplatz wurde außer Betrieb genommen.',
  'notice.session-over.workstation-disabled.next':
    'Nutzen Sie einen anderen und melden Sie es der IT.',
  'notice.session-over.offline-conflict':
    'Die Sitzung wurde ohne Netz begonnen und kann nicht weiterlaufen.',
  'notice.session-over.offline-conflict.next': 'Legen Sie Ihren Ausweis auf, um sich anzumelden.',
  'notice.session-over.moved': 'Die Sitzung läuft an einem anderen Arbeitsplatz weiter.',
  'notice.session-over.moved.next':
    'Hier ist nichts mehr geöffnet. Legen Sie Ihren Ausweis auf, um sie zurückzuholen.',
  'notice.moved': 'Fortgesetzt an: {where}, {at}.',
  'notice.moved.next':
    'Hier ist nichts mehr geöffnet. Legen Sie Ihren Ausweis auf, um die Sitzung zurückzuholen.',
  'notice.seat-full': 'An diesem Arbeitsplatz ist kein Platz für eine weitere Sitzung.',
  'notice.seat-full.next':
    'Jemand, dessen Arbeit hier aufbewahrt ist, muss sich zuerst abmelden. Oder nutzen Sie einen anderen Arbeitsplatz.',
  'notice.offline': 'Der Anmeldedienst war nicht erreichbar.',
  'notice.offline.next':
    'Versuchen Sie es gleich noch einmal oder nutzen Sie einen anderen Arbeitsplatz.',
  'notice.log-unavailable':
    'Das Anmeldeprotokoll lässt sich nicht schreiben, deshalb ist keine Anmeldung möglich.',
  'notice.log-unavailable.next':
    'Nutzen Sie einen anderen Arbeitsplatz und melden Sie es sofort der IT.',
  'notice.declined': 'Die zweite Person hat abgelehnt.',
  'notice.declined.next':
    'Es wurde kein Zugang gewährt. Fragen Sie jemand anderen oder melden Sie sich wie gewohnt an.',
  'notice.took-too-long': 'Die Zeit zum Bestätigen ist abgelaufen.',
  'notice.took-too-long.next': 'Es wurde nichts geändert. Legen Sie Ihren Ausweis erneut auf.',
  'notice.try-again': 'Das hat diesmal nicht geklappt.',
  'notice.try-again.next':
    'Legen Sie Ihren Ausweis noch einmal auf. Passiert es wieder, melden Sie sich ohne Ausweis an.',

  'shielded.title': 'Gesperrt von {name}',
  'shielded.since': 'Seit {since}. Die Arbeit ist aufbewahrt.',
  'shielded.tapEnough': 'Bis {until} genügt das Auflegen des Ausweises.',
  'shielded.passkeyNeeded': 'Ausweis auflegen, dann mit dem Passkey bestätigen.',
  'shielded.others':
    'Jemand anderes? Legen Sie Ihren eigenen Ausweis auf. Die Arbeit von {name} bleibt aufbewahrt.',

  'identifying.title': 'Ausweis gelesen',
  'identifying.body': 'Ihre Anmeldung wird gesucht.',
  'identifying.slow':
    'Das dauert länger als üblich. Sie können warten oder abbrechen und sich ohne Ausweis anmelden.',
  'elsewhere.continues': 'Ihre Sitzung läuft hier weiter.',
  'outgoing.kept': 'Die Arbeit von {name} ist aufbewahrt.',

  'verify.title': 'Bestätigen Sie, dass Sie es sind',
  'verify.withoutBadge': 'Ohne Ausweis anmelden',
  'verify.step.badge': 'Ausweis gelesen',
  'verify.step.passkey': 'Passkey',
  'verify.step.workspace': 'Arbeitsplatz',
  'verify.steps': 'Fortschritt',
  'verify.stepDone': 'erledigt',
  'verify.stepCurrent': 'jetzt',
  'verify.preparing': 'Ihre Passkey-Anfrage wird vorbereitet.',
  'verify.ready':
    'Nutzen Sie Ihren Passkey: Berühren Sie Ihren Sicherheitsschlüssel oder verwenden Sie Fingerabdruck, Gesicht oder PIN.',
  'verify.waiting':
    'Antworten Sie im Passkey-Fenster: Berühren Sie Ihren Sicherheitsschlüssel oder verwenden Sie Fingerabdruck, Gesicht oder PIN.',
  'verify.checking': 'Ihr Passkey wird geprüft.',
  'verify.usePasskey': 'Passkey verwenden',
  'verify.anotherPasskey': 'Anderen Passkey versuchen',
  'verify.notYou': 'Nicht {name}?',
  'verify.switchUser': 'Das sind nicht Sie? Person wechseln',
  'verify.noPasskey.title': 'Richten Sie zuerst einen Passkey ein',
  'verify.noPasskey.body':
    'Zu diesem Ausweis gibt es noch keinen Passkey. Mit einem Einrichtungscode der IT legen Sie in etwa einer Minute einen an.',

  'failure.cancelled.title': 'Passkey-Fenster geschlossen',
  'failure.cancelled.body':
    'Sie haben das Passkey-Fenster geschlossen. Versuchen Sie es erneut oder melden Sie sich anders an.',
  'failure.timed-out.title': 'Zeit abgelaufen',
  'failure.timed-out.body':
    'Kein Passkey hat rechtzeitig geantwortet. Halten Sie Ihren Sicherheitsschlüssel bereit und versuchen Sie es erneut.',
  'failure.no-passkey.title': 'Kein Passkey gefunden',
  'failure.no-passkey.body':
    'An diesem Arbeitsplatz hat keiner Ihrer Passkeys geantwortet. Stecken Sie Ihren Sicherheitsschlüssel ein oder halten Sie ihn an und versuchen Sie es erneut.',
  'failure.unsupported.title': 'Passkeys hier nicht verfügbar',
  'failure.unsupported.body':
    'Dieser Arbeitsplatz kann Passkeys zurzeit nicht nutzen. Nutzen Sie einen anderen Arbeitsplatz und melden Sie es der IT.',
  'failure.wrong-person.title': 'Passkey einer anderen Person',
  'failure.wrong-person.body':
    'Der Passkey gehört nicht zu diesem Ausweis. Nutzen Sie Ihren eigenen Schlüssel, oder gehen Sie zurück und legen Sie Ihren eigenen Ausweis auf.',
  'failure.revoked.title': 'Dieser Passkey wurde entfernt',
  'failure.revoked.body':
    'Er kann nicht mehr zur Anmeldung genutzt werden. Nutzen Sie einen anderen Ihrer Passkeys oder bitten Sie die IT um einen Einrichtungscode.',
  'failure.not-verified.title': 'Fingerabdruck oder PIN nötig',
  'failure.not-verified.body':
    'Der Schlüssel wurde berührt, hat aber nicht geprüft, dass Sie es sind. Versuchen Sie es erneut mit Fingerabdruck, Gesicht oder PIN.',
  'failure.locked-out.title': 'Passkey vorübergehend gesperrt',
  'failure.locked-out.body':
    'Zu viele Versuche waren ohne Erfolg. Zu Ihrem Schutz ist die Anmeldung mit Passkey gesperrt. Die IT kann sie freigeben, nachdem sie Ihre Identität geprüft hat.',
  'failure.refused.title': 'Nicht bestätigt',
  'failure.refused.body':
    'Der Anmeldedienst hat die Antwort nicht angenommen. Es wurde nichts geändert. Versuchen Sie es erneut oder melden Sie sich anders an.',
  'failure.offline.title': 'Verbindung unterbrochen',
  'failure.offline.body':
    'Der Anmeldedienst war nicht erreichbar. Versuchen Sie es gleich noch einmal oder nutzen Sie einen anderen Arbeitsplatz.',
  'failure.log-unavailable.title': 'Anmeldeprotokoll nicht verfügbar',
  'failure.log-unavailable.body':
    'Jede Anmeldung muss protokolliert werden, und das Protokoll lässt sich gerade nicht schreiben. Nutzen Sie einen anderen Arbeitsplatz und melden Sie es der IT.',

  'opening.title': 'Willkommen, {name}',
  'opening.body': 'Bestätigt. Ihr Arbeitsplatz wird geöffnet.',
  'opening.slow': 'Ihre Anwendungen brauchen etwas länger als üblich.',
  'signing-out.title': '{name} wird abgemeldet',
  'signing-out.body': 'Die Anwendungen werden geschlossen und ihre Spuren gelöscht.',

  'bar.label': 'Arbeitsplatz',
  'bar.signedIn': 'Angemeldet',
  'bar.verified': 'Bestätigt {at} · AAL{aal} · Auflegen bis {until}',
  'bar.verifiedNoGrace': 'Bestätigt {at} · AAL{aal}',
  'bar.vouched': 'Bezeugt von {witness} um {at}',
  'bar.lock': 'Sperren',
  'bar.breakGlass': 'Notfallzugriff',
  'bar.applications': 'Anwendungen',
  'application.ready': 'Geöffnet',
  'application.opening.body': '{name} meldet Sie an.',
  'application.failed.body':
    '{name} hat nicht geantwortet. Versuchen Sie es erneut; bleibt es so, nennen Sie der IT den Namen der Anwendung.',
  'application.failed.offline':
    '{name} lässt sich ohne Netz nicht öffnen. Was schon offen war, bleibt offen.',
  'application.reload': 'Erneut öffnen',
  'application.openingLabel': '{name}, wird geöffnet',
  'application.failedLabel': '{name}, nicht geöffnet',

  'banner.lock-now.title': 'Jetzt sperren?',
  'banner.lock-now.body':
    'Sie haben Ihren Ausweis an der eigenen Sitzung aufgelegt. {seconds, plural, one {Sie geht in # Sekunde weiter.} other {Sie geht in # Sekunden weiter.}}',
  'banner.lock-now.lock': 'Jetzt sperren',
  'banner.lock-now.stay': 'Weiterarbeiten',
  'banner.owner': '{name} ist angemeldet. Zum Sperren Ausweis auflegen.',
  'banner.continued': 'Fortgesetzt von: {where}, {at}.',
  'banner.verified': 'Bestätigt: {name} ist angemeldet.',
  'banner.badge-refused':
    'Dieser Ausweis kann hier nicht genutzt werden. Ihre Sitzung läuft weiter.',
  'banner.two-badges':
    'Es wurden zwei Ausweise gelesen. Legen Sie einen erneut auf. Ihre Sitzung läuft weiter.',
  'banner.addBadge': 'Zu meinem Konto hinzufügen',
  'banner.dismiss': 'Ausblenden',
  'news.badge-added': 'Neuer Ausweis im Konto: {at}, {where}.',
  'news.badge-added.next': '„Das war ich nicht“ entfernt ihn.',
  'news.passkey-added': 'Neuer Passkey im Konto: {at}, {where}.',
  'news.passkey-added.next': '„Das war ich nicht“ entfernt ihn.',
  'news.badge-detached': 'Ein Ausweis von Ihnen wurde entfernt: {at}, {where}.',
  'news.badge-detached.next': 'Waren Sie das nicht, melden Sie es der IT.',
  'news.passkey-removed': 'Ein Passkey von Ihnen wurde entfernt: {at}, {where}.',
  'news.passkey-removed.next': 'Waren Sie das nicht, melden Sie es der IT.',
  'news.seat-unsecured': 'Ein Platz hat nicht bestätigt, dass er gesperrt ist: {where}, {at}.',
  'news.seat-unsecured.next': 'Sehen Sie dort nach und sperren Sie ihn.',
  'news.seat-secured': 'Jemand hat einen Platz gesperrt, den Sie offen ließen: {where}, {at}.',
  'news.seat-secured.next': 'War das nicht so, melden Sie es der IT.',
  'news.lost-badge-used': 'Ihr verlorener Ausweis wurde aufgelegt: {at}, {where}.',
  'news.lost-badge-used.next': 'Er hat niemanden angemeldet. Vielleicht findet er sich dort.',
  'news.badge-claimed': 'Jemand wollte Ihren Ausweis als eigenen hinzufügen: {at}, {where}.',
  'news.badge-claimed.next': 'Er bleibt Ihrer.',
  'news.badge-travelled': 'Ihr Ausweis war an zwei Orten fast zugleich: {at}, {where}.',
  'news.badge-travelled.next': 'Nicht Sie? Melden Sie ihn unter „Meine Ausweise“ als verloren.',
  'news.vouched-for': 'Jemand hat ohne Ihren Passkey für Sie gebürgt: {at}, {where}.',
  'news.vouched-for.next': '„Das war ich nicht“ geht sofort an die Prüfenden.',
  'news.more': 'Noch {count}.',
  'news.mine': 'Das war ich',
  'news.notMine': 'Das war ich nicht',
  'news.seen': 'Gesehen',
  'emergency.fallback': 'Notanmeldung',
  'emergency.override': 'Notfallzugriff aktiv',
  'emergency.left': 'noch {time}',
  'emergency.fallback.body': 'Eingeschränkter Zugriff · bezeugt von {witness}',
  'emergency.fallback.bodyAlone': 'Eingeschränkter Zugriff · wird protokolliert und geprüft',
  'emergency.override.body': 'Patient {patient} · wird protokolliert und geprüft',
  'emergency.override.end': 'Zugriff beenden',
  'emergency.fallback.end': 'Zugriff beenden',

  'warning.title': 'Sperrt in {seconds, plural, one {# Sekunde} other {# Sekunden}}',
  'warning.headline': 'Noch da? Sperrt in',
  'warning.body':
    'Dieser Arbeitsplatz wurde eine Weile nicht genutzt. Ihre Arbeit bleibt in jedem Fall erhalten.',
  'warning.stay': 'Angemeldet bleiben',
  'warning.lock': 'Jetzt sperren',
  'warning.unit': '{seconds, plural, one {Sekunde} other {Sekunden}}',
  'warning.hint': 'Eine Taste, eine Berührung oder Ihr Ausweis am Leser hält Sie angemeldet.',

  'fallback.tap.title': 'Legen Sie zuerst den Ausweis auf',
  'fallback.tap.body':
    'Eine Notanmeldung gilt immer für eine bestimmte Person. Legen Sie den Ausweis der Person auf, die sie braucht. Kein Ausweis zur Hand? Die IT hilft bei der Anmeldung auf anderem Weg.',
  'fallback.title': 'Notanmeldung',
  'fallback.for': 'Für {name}',
  'fallback.lead':
    'Nur wenn Sie sich nicht wie gewohnt ausweisen können und die Versorgung nicht warten kann.',
  'fallback.consequence.recorded': 'Protokolliert und geprüft',
  'fallback.consequence.recorded.body':
    'Ihr Grund geht sofort an die Stationsleitung und den Datenschutz.',
  'fallback.consequence.limited': 'Begrenzt',
  'fallback.consequence.limited.body':
    'Eingeschränkter Zugriff für kurze Zeit. Er endet von selbst.',
  'fallback.consequence.witness': 'Bezeugt',
  'fallback.consequence.witness.body': 'Eine zweite Person bestätigt mit Ausweis und Passkey.',
  'fallback.consequences': 'Was dann geschieht',
  'fallback.easier.title': 'Oft geht es einfacher',
  'fallback.easier.passkey': 'Passkey noch einmal versuchen',
  'fallback.easier.passkey.body':
    'Vielleicht hilft ein anderer Schlüssel, Ihr Telefon oder der Fingerabdruck an diesem Arbeitsplatz.',
  'fallback.easier.code': 'Einrichtungscode von der IT holen',
  'fallback.easier.code.body':
    'Ein neuer Passkey dauert etwa eine Minute und gilt von da an dauerhaft.',
  'fallback.reason': 'Warum können Sie Ihren Passkey nicht nutzen?',
  'fallback.reason.key-lost': 'Mein Sicherheitsschlüssel ist verloren oder zu Hause',
  'fallback.reason.key-broken': 'Mein Sicherheitsschlüssel funktioniert nicht',
  'fallback.reason.passkey-locked': 'Mein Passkey ist gesperrt',
  'fallback.reason.new-staff': 'Ich bin neu und habe noch keinen Passkey',
  'fallback.reason.other': 'Ein anderer Grund',
  'fallback.note': 'Wofür brauchen Sie den Zugang?',
  'fallback.note.help': 'Ein Satz genügt. Nennen Sie keine Patientennamen.',
  'fallback.submit': 'Notanmeldung starten',
  'fallback.busy': 'Ihre Anfrage wird gesendet.',
  'fallback.refused.expired':
    'Die Anfrage war zu lange offen und wurde geschlossen. Senden Sie sie erneut, wenn Sie den Zugang noch brauchen.',
  'fallback.refused.quota':
    'Die Zahl der Notanmeldungen für diesen Zeitraum ist ausgeschöpft. Wenden Sie sich an die Stationsleitung oder die IT; dort hilft man Ihnen bei der Anmeldung.',

  'note.counter': '{count, plural, one {Noch # Zeichen nötig} other {Noch # Zeichen nötig}}',
  'note.enough': 'Ausführlich genug',
  'note.left': '{count, plural, one {Noch # Zeichen frei} other {Noch # Zeichen frei}}',
  'form.reasonMissing': 'Wählen Sie einen Grund.',
  'form.noteShort': 'Schreiben Sie mindestens zehn Zeichen.',
  'form.patientInvalid':
    'Nur Buchstaben, Ziffern, Punkte und Bindestriche, wie in der Patientenliste.',
  'form.nameMissing': 'Geben Sie dem Passkey einen Namen.',
  'form.badgeNameMissing': 'Geben Sie dem Ausweis einen Namen.',
  'form.codeMissing': 'Geben Sie den Code ein.',
  'form.verdictMissing': 'Wählen Sie ein Ergebnis.',

  'witness.title': 'Eine zweite Person muss zustimmen',
  'witness.lead':
    'Übergeben Sie an eine Kollegin oder einen Kollegen. Wer zustimmt, wird dadurch nicht angemeldet.',
  'witness.request': 'Die Anfrage',
  'witness.who': 'Wer',
  'witness.why': 'Warum',
  'witness.what': 'Wofür',
  'witness.long': 'Wie lange',
  'witness.minutes': '{minutes, plural, one {# Minute} other {# Minuten}}, eingeschränkter Zugriff',
  'witness.tap.title': 'Ausweis der zweiten Person auflegen',
  'witness.tap.body': 'Nur auflegen, wenn Sie die Person kennen und der Grund stimmt.',
  'witness.confirm.title': '{name}, bestätigen Sie mit Ihrem Passkey',
  'witness.confirm.body': 'Sie bürgen für {requester}: Die Zustimmung trägt Ihren Namen.',
  'witness.usePasskey': 'Mit Passkey zustimmen',
  'witness.decline': 'Ablehnen',
  'witness.remaining': 'Schließt in {time}',
  'witness.same-person':
    'Die zweite Person muss jemand anderes sein. Legen Sie einen anderen Ausweis auf.',
  'witness.step.tap': 'Zweiter Ausweis',
  'witness.step.passkey': 'Zweiter Passkey',
  'witness.step.request': 'Anfrage',

  'override.title': 'Notfallzugriff',
  'override.lead':
    'Öffnen Sie eine Patientenakte, der Sie nicht zugeordnet sind, weil die Versorgung nicht warten kann.',
  'override.consequence.recorded.body':
    'Der Datenschutz sieht, wer, welche Akte und warum, und prüft innerhalb von 24 Stunden.',
  'override.consequence.limited.body':
    'Nur diese eine Akte, für kurze Zeit; die Restzeit steht immer am Bildschirm. Ihre Anwendungen öffnen sich neu: Sichern Sie vorher Ihre Notizen.',
  'override.consequence.passkey': 'Bestätigt',
  'override.consequence.passkey.body':
    'Sie bestätigen mit Ihrem Passkey. Eine zweite Person ist nicht nötig.',
  'override.easier.body':
    'Es ist nicht dringend? Bitten Sie das Behandlungsteam, Sie hinzuzufügen: Das ist regulärer Zugriff ohne Prüfung.',
  'override.patient': 'Patientennummer',
  'override.patient.help': 'Wie am Armband oder in der Patientenliste, zum Beispiel MRN-20417.',
  'override.reason': 'Grund',
  'override.reason.emergency-treatment': 'Notfallbehandlung',
  'override.reason.cross-cover': 'Vertretung',
  'override.reason.transfer': 'Verlegung oder Übergabe',
  'override.reason.incident-response': 'Zwischenfall auf der Station',
  'override.reason.other': 'Ein anderer Grund',
  'override.note': 'Wie ist die Situation?',
  'override.note.help': 'Ein Satz für die Prüfung. Nennen Sie keine Patientennamen.',
  'override.submit': 'Notfallzugriff starten',
  'confirm.title': 'Mit Ihrem Passkey bestätigen',
  'override.confirm.body': 'Ihr Zugriff beginnt, sobald Sie bestätigt sind.',
  'override.refused.quota':
    'Ihre Notfallzugriffe für diesen Zeitraum sind ausgeschöpft. Rufen Sie den Datenschutz oder die diensthabende Leitung an; dort kann die Akte für Sie geöffnet werden.',

  'passkeys.title': 'Meine Passkeys',
  'passkeys.lead':
    'Jeder Passkey meldet Sie allein an. Halten Sie zwei bereit, dann hält Sie ein verlorener Schlüssel nicht auf.',
  'passkeys.loading': 'Ihre Passkeys werden geladen.',
  'passkeys.none': 'Sie haben noch keinen Passkey.',
  'passkeys.one': 'Sie haben einen Passkey. Legen Sie einen zweiten als Reserve an.',
  'passkeys.add': 'Passkey hinzufügen',
  'passkeys.created': 'Angelegt am {date}',
  'passkeys.used': 'Zuletzt genutzt am {date}',
  'passkeys.neverUsed': 'Noch nicht genutzt',
  'passkeys.synced': 'Auf mehreren Geräten',
  'passkeys.bound': 'Nur auf einem Schlüssel',
  'passkeys.remove': 'Entfernen',
  'passkeys.removeNamed': '{name} entfernen',
  'passkeys.remove.title': '„{name}“ entfernen?',
  'passkeys.remove.body':
    'Ab sofort meldet er Sie nicht mehr an. Das lässt sich nicht rückgängig machen.',
  'passkeys.remove.last':
    'Es ist Ihr einziger Passkey. Ohne ihn können Sie sich erst wieder mit einem Einrichtungscode der IT anmelden.',
  'passkeys.remove.confirm': 'Passkey entfernen',
  'passkeys.remove.keep': 'Behalten',

  'enrol.title': 'Passkey anlegen',
  'enrol.code.title': 'Einrichtungscode eingeben',
  'enrol.code.body':
    'Die IT gibt Ihnen den Code, nachdem sie Ihre Identität geprüft hat. Er gilt einmal.',
  'enrol.code.label': 'Einrichtungscode',
  'enrol.code.submit': 'Weiter',
  'enrol.code.code-invalid':
    'Dieser Code gilt hier nicht. Prüfen Sie ihn oder bitten Sie die IT um einen neuen.',
  'enrol.code.locked-out':
    'Es wurden zu viele Codes versucht. Warten Sie eine Weile oder fragen Sie die IT.',
  'enrol.preparing': 'Ihr neuer Passkey wird vorbereitet.',
  'enrol.for': 'Für {name}',
  'enrol.name.title': 'Benennen Sie Ihren Passkey',
  'enrol.name.body':
    'Mit einem Namen unterscheiden Sie Ihre Schlüssel später leichter. Danach fragt der Arbeitsplatz oder der Schlüssel nach Berührung und PIN.',
  'enrol.name.label': 'Name',
  'enrol.name.default': 'Mein Sicherheitsschlüssel',
  'enrol.name.help': 'Zum Beispiel „Blauer Schlüssel am Bund“.',
  'enrol.create': 'Passkey anlegen',
  'enrol.waiting':
    'Antworten Sie im Passkey-Fenster: Berühren Sie Ihren Schlüssel und geben Sie seine PIN ein.',
  'enrol.saving': 'Ihr Passkey wird gespeichert.',
  'enrol.done.title': 'Passkey angelegt',
  'enrol.done.body':
    '„{name}“ meldet Sie von nun an an. Legen Sie Ihren Ausweis auf und nutzen Sie ihn.',
  'enrol.done.bodyInside': '„{name}“ meldet Sie von nun an an.',
  'enrol.done.second': 'Legen Sie bald einen zweiten als Reserve an.',
  'enrol.done.close': 'Fertig',
  'enrol.failed.cancelled.title': 'Passkey-Fenster geschlossen',
  'enrol.failed.cancelled.body':
    'Es wurde kein Passkey angelegt. Beginnen Sie erneut, wenn Sie so weit sind.',
  'enrol.failed.timed-out.title': 'Zeit abgelaufen',
  'enrol.failed.timed-out.body':
    'Kein Schlüssel hat rechtzeitig geantwortet. Halten Sie ihn bereit und beginnen Sie erneut.',
  'enrol.failed.no-passkey.title': 'Kein Schlüssel gefunden',
  'enrol.failed.no-passkey.body':
    'Kein Schlüssel oder Sensor hat geantwortet. Stecken Sie Ihren Sicherheitsschlüssel ein und beginnen Sie erneut.',
  'enrol.failed.unsupported.title': 'Dieser Schlüssel passt nicht',
  'enrol.failed.unsupported.body':
    'Der Schlüssel oder dieser Arbeitsplatz kann keinen Passkey mit PIN oder Fingerabdruck aufnehmen. Nutzen Sie einen anderen Schlüssel oder fragen Sie die IT.',
  'enrol.failed.expired.title': 'Die Anfrage ist nicht mehr offen',
  'enrol.failed.expired.body': 'Sie war nur kurze Zeit gültig. Beginnen Sie erneut.',
  'enrol.failed.invalid.title': 'Passkey nicht angenommen',
  'enrol.failed.invalid.body':
    'Der Anmeldedienst konnte diesen Passkey nicht prüfen. Beginnen Sie erneut oder nutzen Sie einen anderen Schlüssel.',
  'enrol.failed.not-verified.title': 'Fingerabdruck oder PIN nötig',
  'enrol.failed.not-verified.body':
    'Der Schlüssel hat nicht geprüft, dass Sie es sind. Richten Sie eine PIN oder einen Fingerabdruck darauf ein und beginnen Sie erneut.',
  'enrol.failed.already-enrolled.title': 'Dieser Schlüssel gehört schon zu Ihnen',
  'enrol.failed.already-enrolled.body':
    'Er trägt bereits einen Ihrer Passkeys und funktioniert. Nutzen Sie einen anderen Schlüssel als Reserve.',
  'enrol.failed.verify-again.title': 'Bestätigen Sie zuerst, dass Sie es sind',
  'enrol.failed.verify-again.body':
    'Ihre letzte Bestätigung liegt zu lange zurück, um einen Passkey hinzuzufügen. Bestätigen Sie noch einmal, dann geht es weiter.',
  'enrol.failed.offline.title': 'Verbindung unterbrochen',
  'enrol.failed.offline.body':
    'Der Anmeldedienst war nicht erreichbar. Es wurde nichts geändert. Beginnen Sie gleich noch einmal.',
  'enrol.failed.log-unavailable.title': 'Anmeldeprotokoll nicht verfügbar',
  'enrol.failed.log-unavailable.body':
    'Ein neuer Passkey muss protokolliert werden, und das Protokoll lässt sich gerade nicht schreiben. Melden Sie es der IT.',
  'enrol.again': 'Erneut beginnen',

  'badges.title': 'Meine Ausweise',
  'badges.lead':
    'Der Ausweis sagt, wer Sie sind, der Passkey bestätigt es. Melden Sie einen verlorenen Ausweis sofort: Er meldet dann niemanden mehr an.',
  'badges.loading': 'Ihre Ausweise werden geladen.',
  'badges.none':
    'Sie haben noch keinen Ausweis. Fügen Sie einen hinzu oder melden Sie sich weiter ohne Ausweis an.',
  'badges.add': 'Ausweis hinzufügen',
  'badges.permanent': 'dauerhaft Ihrer',
  'badges.loaner': 'geliehen für diese Schicht',
  'badges.loanerUntil': 'geliehen bis {until}',
  'badges.status.active': 'In Gebrauch',
  'badges.status.lost': 'Als verloren gemeldet',
  'badges.status.lost.body':
    'Er meldet niemanden an. Haben Sie ihn wieder, bestätigen Sie mit Ihrem Passkey, dann gilt er wieder.',
  'badges.status.conflicting': 'Ausgesetzt',
  'badges.status.conflicting.body':
    'Eine andere Karte hat dieselbe Nummer, deshalb meldet er niemanden an. Bitten Sie die IT um einen anderen Ausweis.',
  'badges.seen': 'Zuletzt gelesen {at}',
  'badges.seenAt': 'Zuletzt gelesen {at}, {where}',
  'badges.neverSeen': 'Noch nicht genutzt',
  'badges.assigned': 'Hinzugefügt am {date}',
  'badges.addChip': 'Zweiten Chip dieser Karte hinzufügen',
  'badges.addChipNamed': 'Zweiten Chip dieser Karte hinzufügen: {name}',
  'badges.lost': 'Als verloren melden',
  'badges.lostNamed': 'Als verloren melden: {name}',
  'badges.found': 'Wiedergefunden',
  'badges.foundNamed': 'Wiedergefunden: {name}',
  'badges.found.confirm': 'Der Ausweis gilt wieder, sobald Sie bestätigt sind.',
  'badges.detach': 'Entfernen',
  'badges.detachNamed': '{name} entfernen',
  'badges.detach.title': '„{name}“ entfernen?',
  'badges.detach.body':
    'Er ist ab sofort nicht mehr Ihr Ausweis und meldet niemanden an. Um ihn wieder zu nutzen, fügen Sie ihn neu hinzu.',
  'badges.detach.last':
    'Es ist Ihr einziger Ausweis. Er meldet ab sofort niemanden mehr an, und Sie melden sich ohne Ausweis an, bis Sie einen hinzufügen.',
  'badges.detach.confirm': 'Ausweis entfernen',
  'badges.detach.keep': 'Behalten',

  'badge.step.first': 'Auflegen',
  'badge.step.second': 'Noch einmal',
  'badge.step.form': 'Name',
  'badge.first.title': 'Neuen Ausweis auflegen',
  'badge.first.body':
    'Halten Sie ihn an den Leser, bis er gelesen ist, und nehmen Sie ihn dann weg. Halten Sie andere Karten und Telefone vom Leser fern.',
  'badge.second.title': 'Denselben Ausweis noch einmal auflegen',
  'badge.second.body':
    'Nehmen Sie ihn eine Sekunde weg und halten Sie ihn dann noch einmal an den Leser. So zeigt sich, dass seine Nummer gleich bleibt.',
  'badge.checking': 'Der Ausweis wird geprüft.',
  'badge.form.title': 'Benennen Sie Ihren Ausweis',
  'badge.form.body':
    'Beide Male war es derselbe. Mit einem Namen unterscheiden Sie Ihre Ausweise später leichter.',
  'badge.form.name': 'Name',
  'badge.form.name.default': 'Mein Ausweis',
  'badge.form.name.help': 'Zum Beispiel „Dienstausweis am blauen Band“.',
  'badge.form.kind': 'Wie lange behalten Sie ihn?',
  'badge.kind.permanent': 'Dauerhaft behalten',
  'badge.kind.permanent.body': 'Er bleibt Ihrer, bis Sie ihn entfernen.',
  'badge.kind.loaner': 'Geliehen, nur diese Schicht',
  'badge.kind.loaner.body': 'Er endet nach Ihrer Schicht von selbst.',
  'badge.form.loanerOnly':
    'Diese Karte gehört zu den Leihausweisen, deshalb kann sie niemand behalten. Sie endet nach Ihrer Schicht von selbst.',
  'badge.form.replaces': 'Ersetzt er einen anderen Ausweis?',
  'badge.replaces.none': 'Nein, alle behalten',
  'badge.replaces.card': 'Ja, „{name}“',
  'badge.replaces.card.body': 'Dieser Ausweis wird im selben Schritt entfernt.',
  'badge.form.submit': 'Ausweis hinzufügen',
  'badge.chip.title': 'Diesen zweiten Chip hinzufügen?',
  'badge.chip.body':
    'Beide Male war es derselbe. Der Chip wird Teil der Karte, die Sie gewählt haben: Beide gelten gemeinsam, gehen gemeinsam verloren und werden gemeinsam entfernt.',
  'badge.chip.bodyNamed':
    'Beide Male war es derselbe. Der Chip wird Teil von „{name}“: Beide gelten gemeinsam, gehen gemeinsam verloren und werden gemeinsam entfernt.',
  'badge.chip.submit': 'Zweiten Chip hinzufügen',
  'badge.confirm.body': 'Der Ausweis gilt, sobald Sie bestätigt sind.',
  'badge.done.permanent.title': 'Ausweis hinzugefügt',
  'badge.done.loaner.title': 'Leihausweis bereit',
  'badge.done.body':
    'Legen Sie ihn von nun an zur Anmeldung auf und bestätigen Sie mit Ihrem Passkey.',
  'badge.done.bodyUntil':
    'Legen Sie ihn bis {until} zur Anmeldung auf und bestätigen Sie mit Ihrem Passkey. Danach endet er von selbst: Geben Sie ihn zurück.',
  'badge.toBadges': 'Meine Ausweise',
  'badge.failed.unfit.title': 'Diese Karte passt nicht',
  'badge.failed.unfit.body':
    'Ihre Nummer ändert sich bei jedem Auflegen, wie bei Telefonen und manchen Bankkarten. So kann sie nicht für Sie stehen. Nutzen Sie einen anderen Ausweis oder bitten Sie die IT um einen.',
  'badge.failed.taken.title': 'Dieser Ausweis lässt sich nicht hinzufügen',
  'badge.failed.taken.body':
    'Die IT kann den Grund sehen und Ihnen zu einem Ausweis verhelfen. Es wurde nichts geändert.',
  'badge.failed.yours.title': 'Dieser Ausweis gehört Ihnen schon',
  'badge.failed.yours.body':
    'Sie finden ihn unter „Meine Ausweise“. War er als verloren gemeldet, bestätigen Sie dort, dass Sie ihn wiederhaben.',
  'badge.failed.emergency.title': 'Nicht während einer Notanmeldung',
  'badge.failed.emergency.body':
    'Ausweise werden nur in einer regulären Sitzung hinzugefügt. Melden Sie sich mit Ihrem Passkey an und fügen Sie ihn dann hinzu.',
  'badge.failed.differs.title': 'Die Nummern stimmen nicht überein',
  'badge.failed.differs.body':
    'Beim zweiten Auflegen kam eine andere Nummer. Beginnen Sie erneut mit nur einem Ausweis. Passiert es wieder, ändert sich seine Nummer: Nutzen Sie einen anderen.',
  'badge.failed.expired.title': 'Zeit abgelaufen',
  'badge.failed.expired.body':
    'Es wurde nichts geändert. Halten Sie den Ausweis bereit und beginnen Sie erneut.',
  'badge.failed.loaner-only.title': 'Diese Karte ist ein Leihausweis',
  'badge.failed.loaner-only.body':
    'Niemand kann sie dauerhaft behalten. Beginnen Sie erneut und wählen Sie „Geliehen, nur diese Schicht“.',
  'badge.failed.not-found.title': 'Der andere Ausweis fehlt',
  'badge.failed.not-found.body':
    'Die Karte, die ersetzt oder ergänzt werden soll, gehört nicht mehr zu Ihnen. Es wurde nichts geändert. Sehen Sie Ihre Ausweise an und beginnen Sie erneut.',
  'badge.failed.two-badges.title': 'Zwei Ausweise wurden gelesen',
  'badge.failed.two-badges.body':
    'Es wurde nichts geändert. Halten Sie alle anderen Karten vom Leser fern und beginnen Sie erneut.',
  'badge.failed.offline.title': 'Verbindung unterbrochen',
  'badge.failed.offline.body':
    'Der Anmeldedienst war nicht erreichbar. Es wurde nichts geändert. Beginnen Sie gleich noch einmal.',
  'badge.failed.log-unavailable.title': 'Anmeldeprotokoll nicht verfügbar',
  'badge.failed.log-unavailable.body':
    'Ein neuer Ausweis muss protokolliert werden, und das Protokoll lässt sich gerade nicht schreiben. Melden Sie es der IT.',

  'readers.title': 'Leser testen',
  'readers.lead':
    'Legen Sie einen beliebigen Ausweis auf. Solange diese Seite offen ist, wird jedes Auflegen erklärt und niemand an- oder abgemeldet.',
  'readers.list': 'Leser',
  'readers.none': 'Kein Leser angeschlossen. Stecken Sie einen ein; er erscheint hier.',
  'readers.reveal': 'Ziffern zeigen',
  'readers.reveal.help':
    'Wer alle Ziffern sieht, kann einen Ausweis kopieren. Das Einschalten wird mit Ihrem Namen protokolliert.',
  'readers.waiting': 'Legen Sie einen Ausweis auf.',
  'readers.last': 'Zuletzt aufgelegt',
  'readers.earlier': 'Davor aufgelegt',
  'readers.badge': 'Ausweis',
  'readers.noBadge': 'Kein Ausweis',
  'readers.step.raw': 'Vom Leser',
  'readers.step.transforms': 'Zuerst rückgängig',
  'readers.step.candidates': 'Passende Formate',
  'readers.step.profile': 'Gültiges Profil',
  'readers.step.identity': 'Identität',
  'readers.step.authority': 'Anmeldedienst',
  'readers.noTransforms': 'Nichts',
  'readers.noCandidates': 'Keines der bekannten Formate',
  'readers.noProfile': 'Keines',
  'readers.col.format': 'Format',
  'readers.col.facility': 'Anlage',
  'readers.col.number': 'Nummer',
  'readers.col.parity': 'Parität passt',
  'readers.parity.yes': 'Ja',
  'readers.parity.no': 'Nein, nur die Länge',
  'readers.refused.random': 'Niemand kann sie als Ausweis hinzufügen: Die Nummer ist zufällig.',
  'readers.refused.pupi':
    'Niemand kann sie als Ausweis hinzufügen: Eine solche Nummer (PUPI) kann sich bei jedem Auflegen ändern.',
  'readers.refused.anticollision':
    'Niemand kann sie als Ausweis hinzufügen: Diese Nummer unterscheidet Karten nur, während sie gelesen werden.',
  'readers.noBadge.degenerate': 'Kein Ausweis: Alle Bits oder Zeichen sind gleich.',
  'readers.noBadge.parity':
    'Kein Ausweis: Die Länge passt, die Parität nicht. Legen Sie erneut auf; bleibt es so, ist es ein anderes Format.',
  'readers.noBadge.parity-stripped':
    'Kein Ausweis: Der Leser lässt Bits weg, die hier nötig sind. Stellen Sie ihn so ein, dass er das ganze Wort übergibt.',
  'readers.noBadge.layout':
    'Kein Ausweis: Die Länge passt, die festen Bits oder der Anfang nicht. Es ist ein anderes Format.',
  'readers.noBadge.length': 'Kein Ausweis: Keine Karte dieser Art hat diese Länge.',
  'readers.noBadge.incomplete':
    'Kein Ausweis: Der Leser übergibt nur den ersten Teil einer längeren Nummer.',
  'readers.noBadge.checksum': 'Kein Ausweis: Die Prüfziffern stimmen nicht. Legen Sie erneut auf.',
  'readers.noBadge.unreadable':
    'Kein Ausweis: Die Zeichen sind nicht so geschrieben, wie das Profil es sagt.',
  'readers.noBadge.no-profile':
    'Kein Ausweis: Kein Profil sagt, was dieser Leser übergibt. Legen Sie eines an (docs/readers.md).',
  'readers.notAsked': 'Nicht gefragt, da kein Ausweis vorliegt',
  'readers.asking': 'Wird gefragt …',
  'readers.tag': 'Kennzeichen',
  'readers.known.unknown': 'Gehört niemandem',
  'readers.known.active': 'Ausweis in Gebrauch',
  'readers.known.loaner': 'Leihausweis in Gebrauch',
  'readers.known.lost': 'Als verloren gemeldet',
  'readers.known.detached': 'Entfernt',
  'readers.known.conflicting': 'Ausgesetzt: Mehrere Karten haben diese Nummer',
  'readers.known.ended': 'Leihausweis, der geendet hat',
  'readers.failure.not-an-operator':
    'Das Testen von Lesern gehört nicht zu Ihrer Rolle. Die Leitung der IT kann das ändern.',

  'reviews.title': 'Prüfungen',
  'reviews.lead': 'Jeder Notzugang wird von jemandem angesehen, der nicht daran beteiligt war.',
  'reviews.loading': 'Die Prüfliste wird geladen.',
  'reviews.none': 'Nichts zu prüfen. Neue Fälle erscheinen hier sofort.',
  'reviews.open': '{count, plural, one {# Fall zu prüfen} other {# Fälle zu prüfen}}',
  'reviews.col.what': 'Was',
  'reviews.col.who': 'Wer',
  'reviews.col.where': 'Wo und wann',
  'reviews.col.reason': 'Grund',
  'reviews.col.due': 'Fällig',
  'reviews.col.verdict': 'Ergebnis',
  'reviews.kind.fallback': 'Notanmeldung',
  'reviews.kind.override': 'Notfallzugriff',
  'reviews.patient': 'Patient {patient}',
  'reviews.witness': 'Bezeugt von {witness}',
  'reviews.noWitness': 'Ohne zweite Person',
  'reviews.running': 'läuft noch',
  'reviews.due': '{date}',
  'reviews.overdue': 'Überfällig',
  'reviews.escalated': 'Eskaliert',
  'reviews.decide': 'Prüfen',
  'reviews.decideNamed': 'Zugriff von {name} prüfen',
  'reviews.decide.title': 'Diesen Zugriff prüfen',
  'reviews.verdict': 'Ihr Ergebnis',
  'reviews.verdict.genuine': 'Berechtigt',
  'reviews.verdict.genuine.body': 'Die Versorgung brauchte ihn.',
  'reviews.verdict.drill': 'Übung',
  'reviews.verdict.drill.body': 'Es war eine Übung.',
  'reviews.verdict.training-need': 'Schulungsbedarf',
  'reviews.verdict.training-need.body': 'Es gab einen regulären Weg.',
  'reviews.verdict.misuse': 'Missbrauch',
  'reviews.verdict.misuse.body': 'Es gab keinen Grund.',
  'reviews.note': 'Was haben Sie festgestellt?',
  'reviews.note.help': 'Mindestens ein Satz. Er wird mit Ihrem Namen protokolliert.',
  'reviews.save': 'Als geprüft markieren',
  'reviews.by': 'von {name}',
  'reviews.failure.not-a-reviewer':
    'Prüfen gehört nicht zu Ihrer Rolle. Der Datenschutz kann das ändern.',
  'reviews.failure.own-case':
    'Sie waren an diesem Zugriff beteiligt. Jemand anderes muss ihn prüfen.',
  'reviews.failure.already-decided': 'Jemand anderes hat diesen Fall inzwischen geprüft.',

  'fault.headline': 'Dieser Arbeitsplatz braucht Hilfe',
  'fault.action':
    'Nutzen Sie vorerst einen anderen Arbeitsplatz und nennen Sie der IT die Referenz unten.',
  'fault.reference': 'Referenz {reference}',
  'fault.code': 'Code {code}',
  'fault.copy': 'Kopieren',
  'fault.copied': 'Kopiert',
  'fault.store-busy.title': 'Anmeldeprotokoll belegt',
  'fault.store-busy.body':
    'Ein anderes Programm hält das Anmeldeprotokoll, deshalb ließ sich nichts festhalten. Lanyard versucht es von selbst erneut.',
  'fault.store-full.title': 'Datenträger voll',
  'fault.store-full.body':
    'Es ist kein Platz mehr, um eine Anmeldung festzuhalten. Die IT kann Platz schaffen; dann geht es von selbst weiter.',
  'fault.store-corrupt.title': 'Anmeldeprotokoll beschädigt',
  'fault.store-corrupt.body':
    'Das Protokoll hat seine Prüfung nicht bestanden, deshalb kann sich hier niemand anmelden. Die IT bewahrt die Datei auf und stellt die letzte Sicherung wieder her.',
  'fault.store-unwritable.title': 'Anmeldeprotokoll nicht beschreibbar',
  'fault.store-unwritable.body':
    'Lanyard darf sein Protokoll auf diesem Arbeitsplatz nicht schreiben. Die IT kann die Berechtigungen des Ordners berichtigen.',
  'fault.vault-unavailable.title': 'Schlüsselspeicher nicht verfügbar',
  'fault.vault-unavailable.body':
    'Das Betriebssystem gibt die Schlüssel dieses Arbeitsplatzes nicht heraus. Oft hilft ein Neustart, sonst die IT.',
  'fault.authority-stopped.title': 'Anmeldung angehalten',
  'fault.authority-stopped.body':
    'Der Anmeldedienst dieses Arbeitsplatzes hat angehalten und startet nicht wieder. Oft hilft ein Neustart, sonst die IT.',
  'fault.configuration.title': 'Einstellungen nicht nutzbar',
  'fault.configuration.body':
    'Die Einstellungen dieses Arbeitsplatzes passen nicht zusammen, deshalb bleibt Lanyard gesperrt. Die IT kann sie berichtigen.',
  'fault.not-enrolled.title': 'Noch nicht eingerichtet',
  'fault.not-enrolled.body':
    'Dieser Arbeitsplatz ist beim Anmeldedienst des Hauses noch nicht angemeldet. Die IT richtet ihn mit einem Token ein: lanyard enrol.',
  'fault.enrolment-refused.title': 'Einrichtung abgelehnt',
  'fault.enrolment-refused.body':
    'Der Anmeldedienst hat das Token dieses Arbeitsplatzes nicht angenommen. Es wurde schon benutzt, ist abgelaufen oder gehört zu einem anderen Arbeitsplatz. Die IT kann ein neues ausstellen.',
  'fault.key-revoked.title': 'Neu einzurichten',
  'fault.key-revoked.body':
    'Der Anmeldedienst nimmt den Schlüssel dieses Arbeitsplatzes nicht mehr an. Die IT kann ihn mit einem neuen Token wieder einrichten.',
  'fault.clock-wrong.title': 'Uhr geht falsch',
  'fault.clock-wrong.body':
    'Die Uhr dieses Arbeitsplatzes geht zu falsch für eine sichere Verbindung. Die IT kann sie stellen.',
  'fault.authority-unreachable.title': 'Anmeldedienst nicht erreichbar',
  'fault.authority-unreachable.body':
    'Der Anmeldedienst des Hauses antwortet nicht. Dieser Arbeitsplatz versucht es weiter und macht von selbst weiter.',
  'fault.certificate-refused.title': 'Anmeldedienst nicht vertrauenswürdig',
  'fault.certificate-refused.body':
    'Was unter der Adresse des Anmeldedienstes antwortet, kann sich nicht ausweisen. Lanyard verbindet sich deshalb nicht. Die IT kann das Zertifikat prüfen.',
  'fault.workstation-disabled.title': 'Außer Betrieb',
  'fault.workstation-disabled.body':
    'Die IT hat diesen Arbeitsplatz außer Betrieb genommen. Alle Sitzungen wurden beendet.',

  'refusal.bad-request':
    'Das konnte nicht gesendet werden. Prüfen Sie Ihre Eingaben und versuchen Sie es erneut.',
  'refusal.wrong-sender': 'Das wurde nicht angenommen. Versuchen Sie es erneut.',
  'refusal.not-now': 'Das ist im Moment nicht möglich.',
  'refusal.offline': 'Der Anmeldedienst war nicht erreichbar. Versuchen Sie es gleich noch einmal.',
  'refusal.log-unavailable':
    'Das Anmeldeprotokoll lässt sich nicht schreiben, deshalb wurde nichts geändert. Melden Sie es der IT.',
  'refusal.internal':
    'Das hat nicht geklappt, und es liegt an uns. Versuchen Sie es erneut; bleibt es so, melden Sie es der IT.',
}
