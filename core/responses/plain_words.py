"""Words that stand where a name could stand and are none."""

__all__ = ["PROSE", "PROSE_LATER", "STATES", "TECHNICAL", "VERBS", "WORDS_AFTER_USER"]

# "The password is wrong", "token: expired": no password, no token.
_STATES = (
    "a abgelaufen abgelehnt accepted again akzeptiert all allowed always and ausgelaufen been "
    "being bekannt blank blocked cached changed correct deaktiviert deleted denied disabled empty "
    "enabled expired exposed fail failed failing failure falsch false fehlt for forgotten from "
    "gesperrt geändert going gone good gültig hidden identifier ignored in incorrect invalid it "
    "known korrekt leer locked lost missing needed never nicht no none not null of off ok okay "
    "old on once only open or per protected public refused rejected required reset restored "
    "revoked richtig right rotated same saved sent set shared shown still stolen stored synced "
    "the to too true typed unchanged unexpected ungültig unknown updated used valid vergessen "
    "verified visible was weg wrong yes zu zurückgesetzt"
)
STATES = frozenset(_STATES.split())

# "Password: please reset it", "Password: user bob cannot log in": it is not told there.
_PROSE = (
    "account at authentication benutzer bitte can could enter field forgot forgotten how kann "
    "konto link mindestens muss must nutzer page please policy prompt reset user username users "
    "when why wie"
)
PROSE = frozenset(_PROSE.split())

# "Wrong since Monday": what goes on so is a sentence.
_PROSE_LATER = (
    "abend access after anmelden characters digits email expire expires freitag friday geht hours "
    "ich last least letters link log login long longer mail midnight mir mittwoch monday montag "
    "month morgen morning must new night noon now please samstag saturday seit server short "
    "shorter since sonntag sunday thursday today tried try tuesday update upgrade wednesday week "
    "weekend weeks wir work working works yesterday"
)
PROSE_LATER = frozenset(_PROSE_LATER.split())

# Where a sentence goes on behind a password that was told in it.
_VERBS = (
    "aber are because bitte but can can't cannot did didn't do does doesn't don't for für "
    "funktioniert geht has have is isn't ist login not please since seit to user username was weil "
    "wenn when will wird won't"
)
VERBS = frozenset(_VERBS.split())

# "The user cannot", "server: is": no user, no server.
_WORDS_AFTER_USER = (
    "a about access account accounts again agent agents all also always an and any are as at base "
    "be because been before behind benutzer blocked but by called calls came can cannot cant "
    "changed claims complained complains could crashes das data db dem den der did die do does "
    "down during ein eine every everywhere experience failed fails for form from gets given got "
    "group groups guide had has hat have he here his host how id identified ids if im in input "
    "interface into is ist it its kann keeps last like list locked login logs may me means might "
    "mode must my name names needs nicht no not notices now of off on once one only or our out "
    "over owner page pages password permissions process processes profile recovers report "
    "reported reports request requests role room runs said saw saying says seems sees sends "
    "server session sessions should sich since slow some space started starts still such support "
    "team tells than that the their them then there these they this those tickets to today told "
    "tried tries type und unknown until up us user username uses very via wants was we were what "
    "when where which while who whose why will with without would wrote yesterday you your zum"
)
WORDS_AFTER_USER = frozenset(_WORDS_AFTER_USER.split())

# Word and number that name a device, a measure, a standard or a version, not a machine.
_TECHNICAL = (
    "amd api arm bond br cat chapter code core cores cpu ctr cve day ddr disk docker drbd ens eno "
    "enp error eth exit feed fehler fig fibre gen gpt gpu hdd http https ib ieee ipv iso java jdk "
    "kernel kw lan layer level line lo log lun md mod nfs nr nvme ora oracle p part pci pcie "
    "phase php pin ping port postgres ppp prio priority prod psu python py qwen raid rev rfc run "
    "sat sata sd sda sdb sdc sha slot smb snmp socket ssl stage step stufe swap tcp test tls tty "
    "type udp usb utf v ver version vlan week win windows wlan woche xvda zone"
)
TECHNICAL = frozenset(_TECHNICAL.split())
