<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en">
  <context>
    <name>byre</name>
    <message numerus="yes">
      <source>%n damaged pages could not be read</source>
      <translation>
        <numerusform>%n damaged page could not be read</numerusform>
        <numerusform>%n damaged pages could not be read</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n days</source>
      <translation>
        <numerusform>%n day</numerusform>
        <numerusform>%n days</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n devices</source>
      <translation>
        <numerusform>%n device</numerusform>
        <numerusform>%n devices</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n devices are told to erase it</source>
      <translation>
        <numerusform>%n device is told to erase it</numerusform>
        <numerusform>%n devices are told to erase it</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n devices of yours</source>
      <translation>
        <numerusform>%n device of yours</numerusform>
        <numerusform>%n devices of yours</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n envelopes wait there; they die when your devices fetch them</source>
      <translation>
        <numerusform>%n envelope waits there; it dies when your devices fetch it</numerusform>
        <numerusform>%n envelopes wait there; they die when your devices fetch them</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n found</source>
      <translation>
        <numerusform>%n found</numerusform>
        <numerusform>%n found</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n hours</source>
      <translation>
        <numerusform>%n hour</numerusform>
        <numerusform>%n hours</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n members</source>
      <translation>
        <numerusform>%n member</numerusform>
        <numerusform>%n members</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages</source>
      <translation>
        <numerusform>%n message</numerusform>
        <numerusform>%n messages</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages could not be read</source>
      <translation>
        <numerusform>%n message could not be read</numerusform>
        <numerusform>%n messages could not be read</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages were read from the damaged file</source>
      <translation>
        <numerusform>%n message was read from the damaged file</numerusform>
        <numerusform>%n messages were read from the damaged file</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n minutes</source>
      <translation>
        <numerusform>%n minute</numerusform>
        <numerusform>%n minutes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n more came from the last snapshot</source>
      <translation>
        <numerusform>%n more came from the last snapshot</numerusform>
        <numerusform>%n more came from the last snapshot</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n new</source>
      <translation>
        <numerusform>%n new</numerusform>
        <numerusform>%n new</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n not read</source>
      <translation>
        <numerusform>%n not read</numerusform>
        <numerusform>%n not read</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n not verified yet</source>
      <translation>
        <numerusform>%n not verified yet</numerusform>
        <numerusform>%n not verified yet</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n of your messages wait there</source>
      <translation>
        <numerusform>%n of your messages waits there</numerusform>
        <numerusform>%n of your messages wait there</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n other devices of yours are told, too</source>
      <translation>
        <numerusform>%n other device of yours is told, too</numerusform>
        <numerusform>%n other devices of yours are told, too</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n people</source>
      <translation>
        <numerusform>%n person</numerusform>
        <numerusform>%n people</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n seconds</source>
      <translation>
        <numerusform>%n second</numerusform>
        <numerusform>%n seconds</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n tries left</source>
      <translation>
        <numerusform>%n try left</numerusform>
        <numerusform>%n tries left</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n unread</source>
      <translation>
        <numerusform>%n unread</numerusform>
        <numerusform>%n unread</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n waiting on this PC · sent in order once connected</source>
      <translation>
        <numerusform>%n waiting on this PC · sent in order once connected</numerusform>
        <numerusform>%n waiting on this PC · sent in order once connected</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n waiting on this phone · sent in order once connected</source>
      <translation>
        <numerusform>%n waiting on this phone · sent in order once connected</numerusform>
        <numerusform>%n waiting on this phone · sent in order once connected</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n weeks</source>
      <translation>
        <numerusform>%n week</numerusform>
        <numerusform>%n weeks</numerusform>
      </translation>
    </message>
    <message>
      <source>64 hexadecimal digits</source>
      <translation>64 hexadecimal digits</translation>
    </message>
    <message>
      <source>A PC of yours wants to erase a conversation</source>
      <translation>A PC of yours wants to erase a conversation</translation>
    </message>
    <message>
      <source>A PC was linked: {name}</source>
      <translation>A PC was linked: {name}</translation>
    </message>
    <message>
      <source>A backup is this device in one encrypted file: its keys, conversations and messages.</source>
      <translation>A backup is this device in one encrypted file: its keys, conversations and messages.</translation>
    </message>
    <message>
      <source>A device of everybody has it.</source>
      <translation>A device of everybody has it.</translation>
    </message>
    <message numerus="yes">
      <source>A device of everybody has it. %n have not read it.</source>
      <translation>
        <numerusform>A device of everybody has it. %n has not read it.</numerusform>
        <numerusform>A device of everybody has it. %n have not read it.</numerusform>
      </translation>
    </message>
    <message>
      <source>A disk and key that somebody copied before</source>
      <translation>A disk and key that somebody copied before</translation>
    </message>
    <message>
      <source>A hibernation image, and backups that hold the key</source>
      <translation>A hibernation image, and backups that hold the key</translation>
    </message>
    <message>
      <source>A key has changed</source>
      <translation>A key has changed</translation>
    </message>
    <message>
      <source>A key store that lies in a file is only as good as the login password</source>
      <translation>A key store that lies in a file is only as good as the login password</translation>
    </message>
    <message>
      <source>A message could not be decrypted</source>
      <translation>A message could not be decrypted</translation>
    </message>
    <message>
      <source>A messenger that only the people talking can read.</source>
      <translation>A messenger that only the people talking can read.</translation>
    </message>
    <message>
      <source>A name has 2 to 32 letters, digits, dots or underscores of one script.</source>
      <translation>A name has 2 to 32 letters, digits, dots or underscores of one script.</translation>
    </message>
    <message>
      <source>A new PC is linked by the QR code that its first screen shows to your phone.</source>
      <translation>A new PC is linked by the QR code that its first screen shows to your phone.</translation>
    </message>
    <message>
      <source>A new key has taken over, the old key was destroyed</source>
      <translation>A new key has taken over, the old key was destroyed</translation>
    </message>
    <message>
      <source>A new key takes over, the old key is destroyed</source>
      <translation>A new key takes over, the old key is destroyed</translation>
    </message>
    <message>
      <source>A private authority is believed, too</source>
      <translation>A private authority is believed, too</translation>
    </message>
    <message>
      <source>A relay that is named here may show this one certificate only, whoever vouches for another.</source>
      <translation>A relay that is named here may show this one certificate only, whoever vouches for another.</translation>
    </message>
    <message>
      <source>A stolen copy of the files then opens with neither of the two alone.</source>
      <translation>A stolen copy of the files then opens with neither of the two alone.</translation>
    </message>
    <message>
      <source>A wipe does not reach the file. Messages that disappear are not in it.</source>
      <translation>A wipe does not reach the file. Messages that disappear are not in it.</translation>
    </message>
    <message numerus="yes">
      <source>About %n s left</source>
      <translation>
        <numerusform>About %n s left</numerusform>
        <numerusform>About %n s left</numerusform>
      </translation>
    </message>
    <message>
      <source>About and licences</source>
      <translation>About and licences</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Accept</translation>
    </message>
    <message>
      <source>Account</source>
      <translation>Account</translation>
    </message>
    <message>
      <source>Add</source>
      <translation>Add</translation>
    </message>
    <message>
      <source>Add a friend</source>
      <translation>Add a friend</translation>
    </message>
    <message>
      <source>Address of the proxy</source>
      <translation>Address of the proxy</translation>
    </message>
    <message>
      <source>Admin</source>
      <translation>Admin</translation>
    </message>
    <message numerus="yes">
      <source>After %n minutes</source>
      <translation>
        <numerusform>After %n minute</numerusform>
        <numerusform>After %n minutes</numerusform>
      </translation>
    </message>
    <message>
      <source>After how long</source>
      <translation>After how long</translation>
    </message>
    <message>
      <source>All</source>
      <translation>All</translation>
    </message>
    <message numerus="yes">
      <source>All %n other devices have answered that they erased it</source>
      <translation>
        <numerusform>The other device has answered that it erased it</numerusform>
        <numerusform>All %n other devices have answered that they erased it</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>All %n verified</source>
      <translation>
        <numerusform>Verified</numerusform>
        <numerusform>All %n verified</numerusform>
      </translation>
    </message>
    <message>
      <source>All conversations of this account are erased here, with their keys. This cannot be undone.</source>
      <translation>All conversations of this account are erased here, with their keys. This cannot be undone.</translation>
    </message>
    <message>
      <source>All rooms</source>
      <translation>All rooms</translation>
    </message>
    <message>
      <source>All verified</source>
      <translation>All verified</translation>
    </message>
    <message>
      <source>An older copy of the key at the phone or relay, until it is replaced</source>
      <translation>An older copy of the key at the phone or relay, until it is replaced</translation>
    </message>
    <message>
      <source>Another time: {time}…</source>
      <translation>Another time: {time}…</translation>
    </message>
    <message>
      <source>Another time…</source>
      <translation>Another time…</translation>
    </message>
    <message>
      <source>Any time</source>
      <translation>Any time</translation>
    </message>
    <message>
      <source>Anybody</source>
      <translation>Anybody</translation>
    </message>
    <message>
      <source>Are asked to erase it</source>
      <translation>Are asked to erase it</translation>
    </message>
    <message>
      <source>Ask the others' devices to erase it, too</source>
      <translation>Ask the others’ devices to erase it, too</translation>
    </message>
    <message>
      <source>Asking the relay</source>
      <translation>Asking the relay</translation>
    </message>
    <message>
      <source>At least 8 characters.</source>
      <translation>At least 8 characters.</translation>
    </message>
    <message>
      <source>Attachments and their keys</source>
      <translation>Attachments and their keys</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>Back</translation>
    </message>
    <message>
      <source>Backup</source>
      <translation>Backup</translation>
    </message>
    <message>
      <source>Backups and snapshots that hold the key</source>
      <translation>Backups and snapshots that hold the key</translation>
    </message>
    <message>
      <source>Begin with the first conversation</source>
      <translation>Begin with the first conversation</translation>
    </message>
    <message>
      <source>Both codes show the same number: verified.</source>
      <translation>Both codes show the same number: verified.</translation>
    </message>
    <message>
      <source>Bring back what can be read?</source>
      <translation>Bring back what can be read?</translation>
    </message>
    <message>
      <source>Bring back what can be read…</source>
      <translation>Bring back what can be read…</translation>
    </message>
    <message>
      <source>Bring it back</source>
      <translation>Bring it back</translation>
    </message>
    <message>
      <source>Byre</source>
      <translation>Byre</translation>
    </message>
    <message>
      <source>Byre could not open your conversations</source>
      <translation>Byre could not open your conversations</translation>
    </message>
    <message>
      <source>Bytes of the profile folder</source>
      <translation>Bytes of the profile folder</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Cancel</translation>
    </message>
    <message>
      <source>Caps Lock is on.</source>
      <translation>Caps Lock is on.</translation>
    </message>
    <message>
      <source>Change</source>
      <translation>Change</translation>
    </message>
    <message>
      <source>Change how Byre is locked</source>
      <translation>Change how Byre is locked</translation>
    </message>
    <message>
      <source>Change how Byre is locked…</source>
      <translation>Change how Byre is locked…</translation>
    </message>
    <message>
      <source>Chat</source>
      <translation>Chat</translation>
    </message>
    <message>
      <source>Chats</source>
      <translation>Chats</translation>
    </message>
    <message>
      <source>Check a picture of their QR code…</source>
      <translation>Check a picture of their QR code…</translation>
    </message>
    <message>
      <source>Checked</source>
      <translation>Checked</translation>
    </message>
    <message>
      <source>Choose a conversation</source>
      <translation>Choose a conversation</translation>
    </message>
    <message>
      <source>Choose a file…</source>
      <translation>Choose a file…</translation>
    </message>
    <message>
      <source>Choose a friend or write a handle. Several people make a group.</source>
      <translation>Choose a friend or write a handle. Several people make a group.</translation>
    </message>
    <message>
      <source>Choose a passphrase</source>
      <translation>Choose a passphrase</translation>
    </message>
    <message>
      <source>Choose a passphrase, the key store, or both.</source>
      <translation>Choose a passphrase, the key store, or both.</translation>
    </message>
    <message>
      <source>Choose a picture of the code</source>
      <translation>Choose a picture of the code</translation>
    </message>
    <message>
      <source>Choose days…</source>
      <translation>Choose days…</translation>
    </message>
    <message>
      <source>Choose the CA file</source>
      <translation>Choose the CA file</translation>
    </message>
    <message>
      <source>Choose the backup</source>
      <translation>Choose the backup</translation>
    </message>
    <message>
      <source>Choose the first and the last day.</source>
      <translation>Choose the first and the last day.</translation>
    </message>
    <message>
      <source>Clear</source>
      <translation>Clear</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Close</translation>
    </message>
    <message>
      <source>Close the search</source>
      <translation>Close the search</translation>
    </message>
    <message>
      <source>Close the window only</source>
      <translation>Close the window only</translation>
    </message>
    <message>
      <source>Code of the backup</source>
      <translation>Code of the backup</translation>
    </message>
    <message>
      <source>Code of the backup: {code}</source>
      <translation>Code of the backup: {code}</translation>
    </message>
    <message>
      <source>Coming back into this room. Messages wait until then.</source>
      <translation>Coming back into this room. Messages wait until then.</translation>
    </message>
    <message>
      <source>Compare every letter. Until you answer, nothing is stored on this PC.</source>
      <translation>Compare every letter. Until you answer, nothing is stored on this PC.</translation>
    </message>
    <message>
      <source>Compare safety number</source>
      <translation>Compare safety number</translation>
    </message>
    <message>
      <source>Compare safety numbers when you meet or by voice</source>
      <translation>Compare safety numbers when you meet or by voice</translation>
    </message>
    <message>
      <source>Confirm</source>
      <translation>Confirm</translation>
    </message>
    <message>
      <source>Connected</source>
      <translation>Connected</translation>
    </message>
    <message>
      <source>Connection</source>
      <translation>Connection</translation>
    </message>
    <message>
      <source>Content</source>
      <translation>Content</translation>
    </message>
    <message>
      <source>Continue anyway</source>
      <translation>Continue anyway</translation>
    </message>
    <message>
      <source>Continue without comparing?</source>
      <translation>Continue without comparing?</translation>
    </message>
    <message>
      <source>Continue without comparing…</source>
      <translation>Continue without comparing…</translation>
    </message>
    <message>
      <source>Conversation above</source>
      <translation>Conversation above</translation>
    </message>
    <message>
      <source>Conversation below</source>
      <translation>Conversation below</translation>
    </message>
    <message>
      <source>Conversation info</source>
      <translation>Conversation info</translation>
    </message>
    <message>
      <source>Conversations</source>
      <translation>Conversations</translation>
    </message>
    <message>
      <source>Conversations are stored encrypted on this PC</source>
      <translation>Conversations are stored encrypted on this PC</translation>
    </message>
    <message>
      <source>Conversations are stored encrypted on this phone</source>
      <translation>Conversations are stored encrypted on this phone</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Copy</translation>
    </message>
    <message>
      <source>Copy message</source>
      <translation>Copy message</translation>
    </message>
    <message>
      <source>Copy selection</source>
      <translation>Copy selection</translation>
    </message>
    <message>
      <source>Copy the link</source>
      <translation>Copy the link</translation>
    </message>
    <message>
      <source>Copy the link address</source>
      <translation>Copy the link address</translation>
    </message>
    <message>
      <source>Ctrl+Enter sends · Enter breaks the line</source>
      <translation>Ctrl+Enter sends · Enter breaks the line</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>Dark</translation>
    </message>
    <message>
      <source>Days</source>
      <translation>Days</translation>
    </message>
    <message>
      <source>Decline</source>
      <translation>Decline</translation>
    </message>
    <message>
      <source>Delivered</source>
      <translation>Delivered</translation>
    </message>
    <message>
      <source>Destroy everything</source>
      <translation>Destroy everything</translation>
    </message>
    <message>
      <source>Destroy everything on this device now?</source>
      <translation>Destroy everything on this device now?</translation>
    </message>
    <message>
      <source>Destroy everything on this device…</source>
      <translation>Destroy everything on this device…</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Device</translation>
    </message>
    <message>
      <source>Devices</source>
      <translation>Devices</translation>
    </message>
    <message>
      <source>Digit {at} of six</source>
      <translation>Digit {at} of six</translation>
    </message>
    <message>
      <source>Disappearing messages</source>
      <translation>Disappearing messages</translation>
    </message>
    <message>
      <source>Does my phone say this PC is linked to [[{address}]]?</source>
      <translation>Does my phone say this PC is linked to [[{address}]]?</translation>
    </message>
    <message>
      <source>Draft: {text}</source>
      <translation>Draft: {text}</translation>
    </message>
    <message>
      <source>Drafts</source>
      <translation>Drafts</translation>
    </message>
    <message>
      <source>Emoji</source>
      <translation>Emoji</translation>
    </message>
    <message>
      <source>End-to-end encrypted</source>
      <translation>End-to-end encrypted</translation>
    </message>
    <message>
      <source>End-to-end encrypted · only the members of this room can read it</source>
      <translation>End-to-end encrypted · only the members of this room can read it</translation>
    </message>
    <message>
      <source>Enter sends · Shift+Enter breaks the line</source>
      <translation>Enter sends · Shift+Enter breaks the line</translation>
    </message>
    <message>
      <source>Enter the passphrase of this profile.</source>
      <translation>Enter the passphrase of this profile.</translation>
    </message>
    <message>
      <source>Enter the passphrase to open your conversations again.</source>
      <translation>Enter the passphrase to open your conversations again.</translation>
    </message>
    <message>
      <source>Erase</source>
      <translation>Erase</translation>
    </message>
    <message>
      <source>Erase again</source>
      <translation>Erase again</translation>
    </message>
    <message>
      <source>Erase everything older than {date}?</source>
      <translation>Erase everything older than {date}?</translation>
    </message>
    <message>
      <source>Erase everything on this PC?</source>
      <translation>Erase everything on this PC?</translation>
    </message>
    <message>
      <source>Erase everything on this PC…</source>
      <translation>Erase everything on this PC…</translation>
    </message>
    <message numerus="yes">
      <source>Erase here after %n days</source>
      <translation>
        <numerusform>Erase here after %n day</numerusform>
        <numerusform>Erase here after %n days</numerusform>
      </translation>
    </message>
    <message>
      <source>Erase now</source>
      <translation>Erase now</translation>
    </message>
    <message>
      <source>Erase on this device…</source>
      <translation>Erase on this device…</translation>
    </message>
    <message>
      <source>Erase this conversation without a trace</source>
      <translation>Erase this conversation without a trace</translation>
    </message>
    <message>
      <source>Erase this conversation without a trace?</source>
      <translation>Erase this conversation without a trace?</translation>
    </message>
    <message>
      <source>Erase this message here?</source>
      <translation>Erase this message here?</translation>
    </message>
    <message>
      <source>Erase this person from this device…</source>
      <translation>Erase this person from this device…</translation>
    </message>
    <message>
      <source>Erase {name} from this device?</source>
      <translation>Erase {name} from this device?</translation>
    </message>
    <message>
      <source>Erased</source>
      <translation>Erased</translation>
    </message>
    <message>
      <source>Erased before it was sent</source>
      <translation>Erased before it was sent</translation>
    </message>
    <message>
      <source>Erasing a contact</source>
      <translation>Erasing a contact</translation>
    </message>
    <message>
      <source>Erasing a conversation makes a new store under a new key and checks that nothing is left.</source>
      <translation>Erasing a conversation makes a new store under a new key and checks that nothing is left.</translation>
    </message>
    <message>
      <source>Erasing did not finish</source>
      <translation>Erasing did not finish</translation>
    </message>
    <message>
      <source>Erasing is under way</source>
      <translation>Erasing is under way</translation>
    </message>
    <message>
      <source>Erasing old messages</source>
      <translation>Erasing old messages</translation>
    </message>
    <message>
      <source>Erasing one conversation</source>
      <translation>Erasing one conversation</translation>
    </message>
    <message>
      <source>Every byte of the profile folder is checked again</source>
      <translation>Every byte of the profile folder is checked again</translation>
    </message>
    <message>
      <source>Every message that can still be read is moved into a new store, and what is missing is taken from the last snapshot. The damaged file is set aside, not deleted.</source>
      <translation>Every message that can still be read is moved into a new store, and what is missing is taken from the last snapshot. The damaged file is set aside, not deleted.</translation>
    </message>
    <message>
      <source>Every page of the new store is checked</source>
      <translation>Every page of the new store is checked</translation>
    </message>
    <message>
      <source>Every page of the new store was checked</source>
      <translation>Every page of the new store was checked</translation>
    </message>
    <message>
      <source>Everybody else has left this room</source>
      <translation>Everybody else has left this room</translation>
    </message>
    <message>
      <source>Everybody has read it.</source>
      <translation>Everybody has read it.</translation>
    </message>
    <message>
      <source>Everybody in the room sees it, and who changed it.</source>
      <translation>Everybody in the room sees it, and who changed it.</translation>
    </message>
    <message>
      <source>Everything goes through it; it looks names up, as Tor does.</source>
      <translation>Everything goes through it; it looks names up, as Tor does.</translation>
    </message>
    <message>
      <source>Everything is read and encrypted under a new code.</source>
      <translation>Everything is read and encrypted under a new code.</translation>
    </message>
    <message>
      <source>Everything is still there</source>
      <translation>Everything is still there</translation>
    </message>
    <message>
      <source>Expired</source>
      <translation>Expired</translation>
    </message>
    <message>
      <source>Export the certificate</source>
      <translation>Export the certificate</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Export…</translation>
    </message>
    <message>
      <source>Files of the profile folder</source>
      <translation>Files of the profile folder</translation>
    </message>
    <message>
      <source>Files that were exported before</source>
      <translation>Files that were exported before</translation>
    </message>
    <message>
      <source>Find by name</source>
      <translation>Find by name</translation>
    </message>
    <message>
      <source>First message</source>
      <translation>First message</translation>
    </message>
    <message>
      <source>For a relay whose certificate was not made by a public authority: its CA file (PEM).</source>
      <translation>For a relay whose certificate was not made by a public authority: its CA file (PEM).</translation>
    </message>
    <message>
      <source>For the primary device of the account. The code fetches a copy of the key from your relay.</source>
      <translation>For the primary device of the account. The code fetches a copy of the key from your relay.</translation>
    </message>
    <message>
      <source>For the text of conversations and the field where you write.</source>
      <translation>For the text of conversations and the field where you write.</translation>
    </message>
    <message>
      <source>Forgot the passphrase?</source>
      <translation>Forgot the passphrase?</translation>
    </message>
    <message>
      <source>Found in: {places}</source>
      <translation>Found in: {places}</translation>
    </message>
    <message>
      <source>Found messages</source>
      <translation>Found messages</translation>
    </message>
    <message>
      <source>Frames of the write-ahead log</source>
      <translation>Frames of the write-ahead log</translation>
    </message>
    <message>
      <source>Friends</source>
      <translation>Friends</translation>
    </message>
    <message>
      <source>From {shortest} to {longest}.</source>
      <translation>From {shortest} to {longest}.</translation>
    </message>
    <message>
      <source>Get the key back from my phone…</source>
      <translation>Get the key back from my phone…</translation>
    </message>
    <message>
      <source>Get the key back from your phone</source>
      <translation>Get the key back from your phone</translation>
    </message>
    <message>
      <source>Give it the key</source>
      <translation>Give it the key</translation>
    </message>
    <message>
      <source>Give your handle to the people you know, or write to theirs.</source>
      <translation>Give your handle to the people you know, or write to theirs.</translation>
    </message>
    <message>
      <source>Go on with this device's list</source>
      <translation>Go on with this device’s list</translation>
    </message>
    <message>
      <source>Go to a date</source>
      <translation>Go to a date</translation>
    </message>
    <message>
      <source>Good to know</source>
      <translation>Good to know</translation>
    </message>
    <message>
      <source>Groups</source>
      <translation>Groups</translation>
    </message>
    <message>
      <source>Handle</source>
      <translation>Handle</translation>
    </message>
    <message>
      <source>Hangul mode is on.</source>
      <translation>Hangul mode is on.</translation>
    </message>
    <message>
      <source>Held by relay</source>
      <translation>Held by relay</translation>
    </message>
    <message>
      <source>Held copies die when my devices fetch them, at the latest when they expire</source>
      <translation>Held copies die when my devices fetch them, at the latest when they expire</translation>
    </message>
    <message>
      <source>Hide the passphrase</source>
      <translation>Hide the passphrase</translation>
    </message>
    <message>
      <source>Holds the account's key</source>
      <translation>Holds the account’s key</translation>
    </message>
    <message>
      <source>Hours</source>
      <translation>Hours</translation>
    </message>
    <message>
      <source>I forgot the passphrase</source>
      <translation>I forgot the passphrase</translation>
    </message>
    <message>
      <source>I have a backup file…</source>
      <translation>I have a backup file…</translation>
    </message>
    <message>
      <source>I have a recovery code</source>
      <translation>I have a recovery code</translation>
    </message>
    <message>
      <source>I have written it down</source>
      <translation>I have written it down</translation>
    </message>
    <message>
      <source>If somebody took this name, they will read what you write from now on. The room stays “not verified”.</source>
      <translation>If somebody took this name, they will read what you write from now on. The room stays “not verified”.</translation>
    </message>
    <message>
      <source>If this account is not yours, cancel. Tell nobody the digits. Whoever asks for them by phone or message is not Byre.</source>
      <translation>If this account is not yours, cancel. Tell nobody the digits. Whoever asks for them by phone or message is not Byre.</translation>
    </message>
    <message>
      <source>Images of the disk from before and after</source>
      <translation>Images of the disk from before and after</translation>
    </message>
    <message numerus="yes">
      <source>In %n minutes it is erased on all your devices. Undo it if that was not you.</source>
      <translation>
        <numerusform>In a minute it is erased on all your devices. Undo it if that was not you.</numerusform>
        <numerusform>In %n minutes it is erased on all your devices. Undo it if that was not you.</numerusform>
      </translation>
    </message>
    <message>
      <source>In all conversations on this device, without a trace. This cannot be undone.</source>
      <translation>In all conversations on this device, without a trace. This cannot be undone.</translation>
    </message>
    <message>
      <source>In use now</source>
      <translation>In use now</translation>
    </message>
    <message>
      <source>Invite</source>
      <translation>Invite</translation>
    </message>
    <message>
      <source>Invite people</source>
      <translation>Invite people</translation>
    </message>
    <message>
      <source>It brings your account back if this device is lost. If somebody saw the paper, make a new one.</source>
      <translation>It brings your account back if this device is lost. If somebody saw the paper, make a new one.</translation>
    </message>
    <message>
      <source>It can no longer read or send with this account. What it already has stays on it.</source>
      <translation>It can no longer read or send with this account. What it already has stays on it.</translation>
    </message>
    <message>
      <source>It cannot be undone. If the app or the PC goes off now,
it is finished at the next start.</source>
      <translation>It cannot be undone. If the app or the PC goes off now,
it is finished at the next start.</translation>
    </message>
    <message>
      <source>It is a bare number, not a name.</source>
      <translation>It is a bare number, not a name.</translation>
    </message>
    <message>
      <source>It is erased on this device, for good. Other devices keep what they have.</source>
      <translation>It is erased on this device, for good. Other devices keep what they have.</translation>
    </message>
    <message>
      <source>It is not encrypted on the way (http).</source>
      <translation>It is not encrypted on the way (http).</translation>
    </message>
    <message>
      <source>It is on this PC. It has not reached the relay yet.</source>
      <translation>It is on this PC. It has not reached the relay yet.</translation>
    </message>
    <message>
      <source>It is on this phone. It has not reached the relay yet.</source>
      <translation>It is on this phone. It has not reached the relay yet.</translation>
    </message>
    <message>
      <source>It is shown only now and stored nowhere. Without it nobody opens the file, not even you.</source>
      <translation>It is shown only now and stored nowhere. Without it nobody opens the file, not even you.</translation>
    </message>
    <message>
      <source>It is shown only now. If this device is lost, it is the only way back to your account. Write it on paper and keep it where nobody else finds it.</source>
      <translation>It is shown only now. If this device is lost, it is the only way back to your account. Write it on paper and keep it where nobody else finds it.</translation>
    </message>
    <message>
      <source>It is shown only now. The old code stays good until you have confirmed this one.</source>
      <translation>It is shown only now. The old code stays good until you have confirmed this one.</translation>
    </message>
    <message>
      <source>It is tried again and again · reading and writing go on</source>
      <translation>It is tried again and again · reading and writing go on</translation>
    </message>
    <message>
      <source>It was not sent. The reason stands under it.</source>
      <translation>It was not sent. The reason stands under it.</translation>
    </message>
    <message>
      <source>Its files are kept in a folder inside the profile, and nothing is deleted. Byre then begins as on the first day: link this PC again, or restore the account.</source>
      <translation>Its files are kept in a folder inside the profile, and nothing is deleted. Byre then begins as on the first day: link this PC again, or restore the account.</translation>
    </message>
    <message>
      <source>Its key is back</source>
      <translation>Its key is back</translation>
    </message>
    <message>
      <source>Its letters can look like those of another address.</source>
      <translation>Its letters can look like those of another address.</translation>
    </message>
    <message>
      <source>Keep it</source>
      <translation>Keep it</translation>
    </message>
    <message>
      <source>Keep messages until I erase them</source>
      <translation>Keep messages until I erase them</translation>
    </message>
    <message>
      <source>Keep the old code</source>
      <translation>Keep the old code</translation>
    </message>
    <message>
      <source>Keep this window on top</source>
      <translation>Keep this window on top</translation>
    </message>
    <message>
      <source>Keep what they have</source>
      <translation>Keep what they have</translation>
    </message>
    <message>
      <source>Kept here until the key is checked</source>
      <translation>Kept here until the key is checked</translation>
    </message>
    <message>
      <source>Kept sealed envelopes</source>
      <translation>Kept sealed envelopes</translation>
    </message>
    <message>
      <source>Key changed</source>
      <translation>Key changed</translation>
    </message>
    <message>
      <source>Key kept in</source>
      <translation>Key kept in</translation>
    </message>
    <message>
      <source>Key store of the system</source>
      <translation>Key store of the system</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>Language</translation>
    </message>
    <message numerus="yes">
      <source>Last %n days</source>
      <translation>
        <numerusform>Last day</numerusform>
        <numerusform>Last %n days</numerusform>
      </translation>
    </message>
    <message>
      <source>Leave</source>
      <translation>Leave</translation>
    </message>
    <message>
      <source>Leave empty to connect directly.</source>
      <translation>Leave empty to connect directly.</translation>
    </message>
    <message>
      <source>Leave the room?</source>
      <translation>Leave the room?</translation>
    </message>
    <message>
      <source>Leave the room…</source>
      <translation>Leave the room…</translation>
    </message>
    <message>
      <source>Let it be erased</source>
      <translation>Let it be erased</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Licence</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Light</translation>
    </message>
    <message>
      <source>Like the system</source>
      <translation>Like the system</translation>
    </message>
    <message>
      <source>Link</source>
      <translation>Link</translation>
    </message>
    <message>
      <source>Link a PC</source>
      <translation>Link a PC</translation>
    </message>
    <message>
      <source>Link again</source>
      <translation>Link again</translation>
    </message>
    <message>
      <source>Link with your phone</source>
      <translation>Link with your phone</translation>
    </message>
    <message>
      <source>Linked PC</source>
      <translation>Linked PC</translation>
    </message>
    <message>
      <source>Linked devices</source>
      <translation>Linked devices</translation>
    </message>
    <message>
      <source>Linked on {date}</source>
      <translation>Linked on {date}</translation>
    </message>
    <message>
      <source>Linking did not finish. Start again with a new QR code.</source>
      <translation>Linking did not finish. Start again with a new QR code.</translation>
    </message>
    <message>
      <source>Linking was cancelled.</source>
      <translation>Linking was cancelled.</translation>
    </message>
    <message>
      <source>Linking…</source>
      <translation>Linking…</translation>
    </message>
    <message>
      <source>Lock</source>
      <translation>Lock</translation>
    </message>
    <message>
      <source>Lock with the screen, and before sleep</source>
      <translation>Lock with the screen, and before sleep</translation>
    </message>
    <message>
      <source>Locked</source>
      <translation>Locked</translation>
    </message>
    <message>
      <source>Locking</source>
      <translation>Locking</translation>
    </message>
    <message>
      <source>Locking forgets the key in memory; the passphrase opens again.</source>
      <translation>Locking forgets the key in memory; the passphrase opens again.</translation>
    </message>
    <message>
      <source>Locking…</source>
      <translation>Locking…</translation>
    </message>
    <message>
      <source>Locks the conversations first</source>
      <translation>Locks the conversations first</translation>
    </message>
    <message>
      <source>Look at your phone</source>
      <translation>Look at your phone</translation>
    </message>
    <message>
      <source>Make a backup</source>
      <translation>Make a backup</translation>
    </message>
    <message>
      <source>Make a backup…</source>
      <translation>Make a backup…</translation>
    </message>
    <message>
      <source>Make a new account</source>
      <translation>Make a new account</translation>
    </message>
    <message>
      <source>Make a new recovery code?</source>
      <translation>Make a new recovery code?</translation>
    </message>
    <message>
      <source>Make a new recovery code…</source>
      <translation>Make a new recovery code…</translation>
    </message>
    <message>
      <source>Make a plain member</source>
      <translation>Make a plain member</translation>
    </message>
    <message>
      <source>Make an admin…</source>
      <translation>Make an admin…</translation>
    </message>
    <message>
      <source>Make an owner…</source>
      <translation>Make an owner…</translation>
    </message>
    <message>
      <source>Make it so</source>
      <translation>Make it so</translation>
    </message>
    <message>
      <source>Make quiet</source>
      <translation>Make quiet</translation>
    </message>
    <message>
      <source>Make quiet, or notify again</source>
      <translation>Make quiet, or notify again</translation>
    </message>
    <message>
      <source>Make the account</source>
      <translation>Make the account</translation>
    </message>
    <message>
      <source>Make your account</source>
      <translation>Make your account</translation>
    </message>
    <message>
      <source>Make {name} an admin?</source>
      <translation>Make {name} an admin?</translation>
    </message>
    <message>
      <source>Make {name} an owner?</source>
      <translation>Make {name} an owner?</translation>
    </message>
    <message>
      <source>Making a code…</source>
      <translation>Making a code…</translation>
    </message>
    <message>
      <source>Making the backup</source>
      <translation>Making the backup</translation>
    </message>
    <message>
      <source>Mark as read</source>
      <translation>Mark as read</translation>
    </message>
    <message>
      <source>Me</source>
      <translation>Me</translation>
    </message>
    <message>
      <source>Memory of this app until it is restarted</source>
      <translation>Memory of this app until it is restarted</translation>
    </message>
    <message>
      <source>Messages</source>
      <translation>Messages</translation>
    </message>
    <message>
      <source>Messages and the keys of attachments are deleted</source>
      <translation>Messages and the keys of attachments are deleted</translation>
    </message>
    <message>
      <source>Messages and the keys of attachments were deleted</source>
      <translation>Messages and the keys of attachments were deleted</translation>
    </message>
    <message>
      <source>Messages disappear after {time}</source>
      <translation>Messages disappear after {time}</translation>
    </message>
    <message>
      <source>Messages on this device</source>
      <translation>Messages on this device</translation>
    </message>
    <message>
      <source>Messages {count}</source>
      <translation>Messages {count}</translation>
    </message>
    <message>
      <source>Minutes</source>
      <translation>Minutes</translation>
    </message>
    <message>
      <source>Month after</source>
      <translation>Month after</translation>
    </message>
    <message>
      <source>Month before</source>
      <translation>Month before</translation>
    </message>
    <message>
      <source>My profile</source>
      <translation>My profile</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>Name</translation>
    </message>
    <message>
      <source>Name of the device</source>
      <translation>Name of the device</translation>
    </message>
    <message>
      <source>Name of the group</source>
      <translation>Name of the group</translation>
    </message>
    <message>
      <source>Name the relay that carries your messages.</source>
      <translation>Name the relay that carries your messages.</translation>
    </message>
    <message>
      <source>Names and texts</source>
      <translation>Names and texts</translation>
    </message>
    <message>
      <source>Names only</source>
      <translation>Names only</translation>
    </message>
    <message>
      <source>Needed at every start. Leave empty to use this device's key store.</source>
      <translation>Needed at every start. Leave empty to use this device’s key store.</translation>
    </message>
    <message>
      <source>Neither names nor texts</source>
      <translation>Neither names nor texts</translation>
    </message>
    <message>
      <source>Network settings</source>
      <translation>Network settings</translation>
    </message>
    <message>
      <source>Never by itself</source>
      <translation>Never by itself</translation>
    </message>
    <message>
      <source>Never loaded</source>
      <translation>Never loaded</translation>
    </message>
    <message>
      <source>Never told</source>
      <translation>Never told</translation>
    </message>
    <message>
      <source>Never type a code that a web page or another person gave you.</source>
      <translation>Never type a code that a web page or another person gave you.</translation>
    </message>
    <message>
      <source>New chat</source>
      <translation>New chat</translation>
    </message>
    <message>
      <source>New code in {time}</source>
      <translation>New code in {time}</translation>
    </message>
    <message>
      <source>New group</source>
      <translation>New group</translation>
    </message>
    <message>
      <source>New message</source>
      <translation>New message</translation>
    </message>
    <message>
      <source>New messages disappear on all devices of the room this long after they were read; your own, after they were sent.</source>
      <translation>New messages disappear on all devices of the room this long after they were read; your own, after they were sent.</translation>
    </message>
    <message>
      <source>New passphrase</source>
      <translation>New passphrase</translation>
    </message>
    <message>
      <source>New passphrase again</source>
      <translation>New passphrase again</translation>
    </message>
    <message>
      <source>New people can read what is written from now on, nothing older.</source>
      <translation>New people can read what is written from now on, nothing older.</translation>
    </message>
    <message>
      <source>New people or changed keys are told here</source>
      <translation>New people or changed keys are told here</translation>
    </message>
    <message>
      <source>Newest first</source>
      <translation>Newest first</translation>
    </message>
    <message>
      <source>Next (F3)</source>
      <translation>Next (F3)</translation>
    </message>
    <message>
      <source>Next hit</source>
      <translation>Next hit</translation>
    </message>
    <message>
      <source>No</source>
      <translation>No</translation>
    </message>
    <message>
      <source>No QR code was found in this picture. Choose one that shows a single code clearly.</source>
      <translation>No QR code was found in this picture. Choose one that shows a single code clearly.</translation>
    </message>
    <message>
      <source>No copy of this key is kept there. Try the other way, or set the profile aside.</source>
      <translation>No copy of this key is kept there. Try the other way, or set the profile aside.</translation>
    </message>
    <message>
      <source>No envelopes wait to be delivered</source>
      <translation>No envelopes wait to be delivered</translation>
    </message>
    <message>
      <source>No message could be brought back</source>
      <translation>No message could be brought back</translation>
    </message>
    <message>
      <source>No messages</source>
      <translation>No messages</translation>
    </message>
    <message>
      <source>No notifications</source>
      <translation>No notifications</translation>
    </message>
    <message>
      <source>No other device was asked</source>
      <translation>No other device was asked</translation>
    </message>
    <message>
      <source>No setting has this name</source>
      <translation>No setting has this name</translation>
    </message>
    <message>
      <source>No wipe certificates yet</source>
      <translation>No wipe certificates yet</translation>
    </message>
    <message>
      <source>No, it says something else</source>
      <translation>No, it says something else</translation>
    </message>
    <message>
      <source>Nobody can read the passphrase out of this device. If this PC is linked, unlink it on your phone and link it again. If this is the primary device, the recovery code restores your account on a new device. Nothing is deleted here.</source>
      <translation>Nobody can read the passphrase out of this device. If this PC is linked, unlink it on your phone and link it again. If this is the primary device, the recovery code restores your account on a new device. Nothing is deleted here.</translation>
    </message>
    <message>
      <source>Nobody else is in this room any more</source>
      <translation>Nobody else is in this room any more</translation>
    </message>
    <message>
      <source>Nobody fetched it in time. It is sent again when the device comes back.</source>
      <translation>Nobody fetched it in time. It is sent again when the device comes back.</translation>
    </message>
    <message>
      <source>None</source>
      <translation>None</translation>
    </message>
    <message>
      <source>Not connected</source>
      <translation>Not connected</translation>
    </message>
    <message>
      <source>Not linked</source>
      <translation>Not linked</translation>
    </message>
    <message>
      <source>Not now</source>
      <translation>Not now</translation>
    </message>
    <message>
      <source>Not promised</source>
      <translation>Not promised</translation>
    </message>
    <message>
      <source>Not sent</source>
      <translation>Not sent</translation>
    </message>
    <message>
      <source>Not sent · kept on this PC until the key is checked</source>
      <translation>Not sent · kept on this PC until the key is checked</translation>
    </message>
    <message>
      <source>Not sent · kept on this phone until the key is checked</source>
      <translation>Not sent · kept on this phone until the key is checked</translation>
    </message>
    <message>
      <source>Not verified</source>
      <translation>Not verified</translation>
    </message>
    <message>
      <source>Note to self</source>
      <translation>Note to self</translation>
    </message>
    <message>
      <source>Nothing found</source>
      <translation>Nothing found</translation>
    </message>
    <message>
      <source>Nothing found in this room</source>
      <translation>Nothing found in this room</translation>
    </message>
    <message>
      <source>Nothing is sent until it is checked</source>
      <translation>Nothing is sent until it is checked</translation>
    </message>
    <message>
      <source>Notifications</source>
      <translation>Notifications</translation>
    </message>
    <message>
      <source>Notifications are kept by your system, outside of Byre's encrypted store.</source>
      <translation>Notifications are kept by your system, outside of Byre’s encrypted store.</translation>
    </message>
    <message>
      <source>Notify again</source>
      <translation>Notify again</translation>
    </message>
    <message>
      <source>OK</source>
      <translation>OK</translation>
    </message>
    <message>
      <source>Off</source>
      <translation>Off</translation>
    </message>
    <message>
      <source>Off: until somebody erases them</source>
      <translation>Off: until somebody erases them</translation>
    </message>
    <message>
      <source>Offline</source>
      <translation>Offline</translation>
    </message>
    <message>
      <source>Old cells of flash memory; they hold only ciphertext under a dead key</source>
      <translation>Old cells of flash memory; they hold only ciphertext under a dead key</translation>
    </message>
    <message>
      <source>Old store and key</source>
      <translation>Old store and key</translation>
    </message>
    <message numerus="yes">
      <source>Older than %n days</source>
      <translation>
        <numerusform>Older than %n day</numerusform>
        <numerusform>Older than %n days</numerusform>
      </translation>
    </message>
    <message>
      <source>On</source>
      <translation>On</translation>
    </message>
    <message>
      <source>On the phone, agree to link; the boxes for the digits come after that.</source>
      <translation>On the phone, agree to link; the boxes for the digits come after that.</translation>
    </message>
    <message>
      <source>On the phone, choose Link a PC and scan this code. Then type the digits that appear here.</source>
      <translation>On the phone, choose Link a PC and scan this code. Then type the digits that appear here.</translation>
    </message>
    <message>
      <source>On this device, in all conversations, without a trace.</source>
      <translation>On this device, in all conversations, without a trace.</translation>
    </message>
    <message>
      <source>Once it has its key, this PC</source>
      <translation>Once it has its key, this PC</translation>
    </message>
    <message>
      <source>Once linked, this PC</source>
      <translation>Once linked, this PC</translation>
    </message>
    <message numerus="yes">
      <source>One letter searches names only: %n found</source>
      <translation>
        <numerusform>One letter searches names only: %n found</numerusform>
        <numerusform>One letter searches names only: %n found</numerusform>
      </translation>
    </message>
    <message>
      <source>One moment…</source>
      <translation>One moment…</translation>
    </message>
    <message>
      <source>Only admins of the room can change this.</source>
      <translation>Only admins of the room can change this.</translation>
    </message>
    <message>
      <source>Only for a relay whose certificate no public authority has made</source>
      <translation>Only for a relay whose certificate no public authority has made</translation>
    </message>
    <message>
      <source>Only one of the two may run: this device, or the one that the backup becomes.</source>
      <translation>Only one of the two may run: this device, or the one that the backup becomes.</translation>
    </message>
    <message>
      <source>Only the file of the key is written anew. Leave the new passphrase empty to have none.</source>
      <translation>Only the file of the key is written anew. Leave the new passphrase empty to have none.</translation>
    </message>
    <message>
      <source>Only the new code is good from now on. Destroy the paper with the old one.</source>
      <translation>Only the new code is good from now on. Destroy the paper with the old one.</translation>
    </message>
    <message>
      <source>Only the small file that says which of your data counts was lost. It was written anew; messages and rooms are as they were.</source>
      <translation>Only the small file that says which of your data counts was lost. It was written anew; messages and rooms are as they were.</translation>
    </message>
    <message>
      <source>Only type the digits on the screen of your own PC in front of you.</source>
      <translation>Only type the digits on the screen of your own PC in front of you.</translation>
    </message>
    <message>
      <source>Only what stays moves into a new store</source>
      <translation>Only what stays moves into a new store</translation>
    </message>
    <message>
      <source>Only your devices</source>
      <translation>Only your devices</translation>
    </message>
    <message>
      <source>Only your own devices can read this</source>
      <translation>Only your own devices can read this</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Open</translation>
    </message>
    <message>
      <source>Open Byre on your phone.</source>
      <translation>Open Byre on your phone.</translation>
    </message>
    <message>
      <source>Open in its own window</source>
      <translation>Open in its own window</translation>
    </message>
    <message>
      <source>Open this link?</source>
      <translation>Open this link?</translation>
    </message>
    <message>
      <source>Open this page on both devices and compare all digits: side by side, or read aloud in a call where you know the voice. Do not send them as a message.</source>
      <translation>Open this page on both devices and compare all digits: side by side, or read aloud in a call where you know the voice. Do not send them as a message.</translation>
    </message>
    <message>
      <source>Open with the recovery code</source>
      <translation>Open with the recovery code</translation>
    </message>
    <message>
      <source>Open with the recovery code…</source>
      <translation>Open with the recovery code…</translation>
    </message>
    <message>
      <source>Open {link}…</source>
      <translation>Open {link}…</translation>
    </message>
    <message>
      <source>Opening…</source>
      <translation>Opening…</translation>
    </message>
    <message>
      <source>Or paste the link address</source>
      <translation>Or paste the link address</translation>
    </message>
    <message>
      <source>Other devices</source>
      <translation>Other devices</translation>
    </message>
    <message>
      <source>Other people's devices</source>
      <translation>Other people’s devices</translation>
    </message>
    <message>
      <source>Other people's devices and altered apps</source>
      <translation>Other people’s devices and altered apps</translation>
    </message>
    <message>
      <source>Other places</source>
      <translation>Other places</translation>
    </message>
    <message>
      <source>Owner</source>
      <translation>Owner</translation>
    </message>
    <message>
      <source>PC linked</source>
      <translation>PC linked</translation>
    </message>
    <message>
      <source>Pages of the new store</source>
      <translation>Pages of the new store</translation>
    </message>
    <message>
      <source>Passphrase</source>
      <translation>Passphrase</translation>
    </message>
    <message>
      <source>Passphrase again</source>
      <translation>Passphrase again</translation>
    </message>
    <message>
      <source>Passphrase and key store</source>
      <translation>Passphrase and key store</translation>
    </message>
    <message>
      <source>Passphrase now</source>
      <translation>Passphrase now</translation>
    </message>
    <message>
      <source>Passphrase only</source>
      <translation>Passphrase only</translation>
    </message>
    <message>
      <source>Passphrase, if there was one</source>
      <translation>Passphrase, if there was one</translation>
    </message>
    <message>
      <source>People find you by it: handle@relay</source>
      <translation>People find you by it: handle@relay</translation>
    </message>
    <message>
      <source>Pick one from the list, or find it by name.</source>
      <translation>Pick one from the list, or find it by name.</translation>
    </message>
    <message>
      <source>Pictures</source>
      <translation>Pictures</translation>
    </message>
    <message>
      <source>Pin</source>
      <translation>Pin</translation>
    </message>
    <message>
      <source>Pin to the top</source>
      <translation>Pin to the top</translation>
    </message>
    <message>
      <source>Pinned</source>
      <translation>Pinned</translation>
    </message>
    <message>
      <source>Pinned certificates</source>
      <translation>Pinned certificates</translation>
    </message>
    <message>
      <source>Previews of links</source>
      <translation>Previews of links</translation>
    </message>
    <message>
      <source>Previous (Shift+F3)</source>
      <translation>Previous (Shift+F3)</translation>
    </message>
    <message>
      <source>Previous hit</source>
      <translation>Previous hit</translation>
    </message>
    <message>
      <source>Primary device</source>
      <translation>Primary device</translation>
    </message>
    <message numerus="yes">
      <source>Primary device and %n PCs</source>
      <translation>
        <numerusform>Primary device and %n PC</numerusform>
        <numerusform>Primary device and %n PCs</numerusform>
      </translation>
    </message>
    <message>
      <source>Privacy</source>
      <translation>Privacy</translation>
    </message>
    <message>
      <source>Private authority</source>
      <translation>Private authority</translation>
    </message>
    <message>
      <source>Proxy</source>
      <translation>Proxy</translation>
    </message>
    <message>
      <source>QR code</source>
      <translation>QR code</translation>
    </message>
    <message>
      <source>QR code for linking, {time} left</source>
      <translation>QR code for linking, {time} left</translation>
    </message>
    <message>
      <source>QR code that asks your phone for the key</source>
      <translation>QR code that asks your phone for the key</translation>
    </message>
    <message>
      <source>Quiet</source>
      <translation>Quiet</translation>
    </message>
    <message>
      <source>Quit Byre</source>
      <translation>Quit Byre</translation>
    </message>
    <message>
      <source>Read</source>
      <translation>Read</translation>
    </message>
    <message>
      <source>Read the conversations</source>
      <translation>Read the conversations</translation>
    </message>
    <message>
      <source>Read this address</source>
      <translation>Read this address</translation>
    </message>
    <message>
      <source>Receipts</source>
      <translation>Receipts</translation>
    </message>
    <message>
      <source>Receiving and sending have stopped</source>
      <translation>Receiving and sending have stopped</translation>
    </message>
    <message>
      <source>Recovery code</source>
      <translation>Recovery code</translation>
    </message>
    <message>
      <source>Recovery code: {code}</source>
      <translation>Recovery code: {code}</translation>
    </message>
    <message>
      <source>Relay</source>
      <translation>Relay</translation>
    </message>
    <message>
      <source>Relay and network</source>
      <translation>Relay and network</translation>
    </message>
    <message numerus="yes">
      <source>Remnants %n</source>
      <translation>
        <numerusform>Remnants %n</numerusform>
        <numerusform>Remnants %n</numerusform>
      </translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Remove</translation>
    </message>
    <message>
      <source>Remove from the room…</source>
      <translation>Remove from the room…</translation>
    </message>
    <message>
      <source>Remove {name}</source>
      <translation>Remove {name}</translation>
    </message>
    <message>
      <source>Remove {name} from the room?</source>
      <translation>Remove {name} from the room?</translation>
    </message>
    <message>
      <source>Remove {name}?</source>
      <translation>Remove {name}?</translation>
    </message>
    <message>
      <source>Removing a device signs a new device list and takes it out of every room.</source>
      <translation>Removing a device signs a new device list and takes it out of every room.</translation>
    </message>
    <message>
      <source>Rename {name}</source>
      <translation>Rename {name}</translation>
    </message>
    <message>
      <source>Replace</source>
      <translation>Replace</translation>
    </message>
    <message>
      <source>Replace {name}?</source>
      <translation>Replace {name}?</translation>
    </message>
    <message>
      <source>Restore</source>
      <translation>Restore</translation>
    </message>
    <message>
      <source>Restore from a backup</source>
      <translation>Restore from a backup</translation>
    </message>
    <message>
      <source>Restore your account</source>
      <translation>Restore your account</translation>
    </message>
    <message>
      <source>Rooms</source>
      <translation>Rooms</translation>
    </message>
    <message>
      <source>Rooms in common</source>
      <translation>Rooms in common</translation>
    </message>
    <message>
      <source>SHA-256 of its certificate</source>
      <translation>SHA-256 of its certificate</translation>
    </message>
    <message>
      <source>Safety number</source>
      <translation>Safety number</translation>
    </message>
    <message>
      <source>Safety number verified</source>
      <translation>Safety number verified</translation>
    </message>
    <message>
      <source>Safety number with {name}</source>
      <translation>Safety number with {name}</translation>
    </message>
    <message>
      <source>Samples looked for</source>
      <translation>Samples looked for</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>Save</translation>
    </message>
    <message>
      <source>Saved. Connections are opened anew.</source>
      <translation>Saved. Connections are opened anew.</translation>
    </message>
    <message>
      <source>Scan the QR code on the PC's first screen</source>
      <translation>Scan the QR code on the PC’s first screen</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Search</translation>
    </message>
    <message>
      <source>Search all messages</source>
      <translation>Search all messages</translation>
    </message>
    <message>
      <source>Search in these days</source>
      <translation>Search in these days</translation>
    </message>
    <message>
      <source>Search in this room</source>
      <translation>Search in this room</translation>
    </message>
    <message>
      <source>Search in which room?</source>
      <translation>Search in which room?</translation>
    </message>
    <message>
      <source>Search index entries</source>
      <translation>Search index entries</translation>
    </message>
    <message>
      <source>Search names</source>
      <translation>Search names</translation>
    </message>
    <message>
      <source>Search names and messages</source>
      <translation>Search names and messages</translation>
    </message>
    <message>
      <source>Search runs only on this PC.
It also finds letters inside words.</source>
      <translation>Search runs only on this PC.
It also finds letters inside words.</translation>
    </message>
    <message>
      <source>Search runs only on this phone.
It also finds letters inside words.</source>
      <translation>Search runs only on this phone.
It also finds letters inside words.</translation>
    </message>
    <message>
      <source>Search settings</source>
      <translation>Search settings</translation>
    </message>
    <message>
      <source>Seconds</source>
      <translation>Seconds</translation>
    </message>
    <message>
      <source>Secrets of past epochs</source>
      <translation>Secrets of past epochs</translation>
    </message>
    <message>
      <source>Send</source>
      <translation>Send</translation>
    </message>
    <message>
      <source>Send again</source>
      <translation>Send again</translation>
    </message>
    <message>
      <source>Set aside</source>
      <translation>Set aside</translation>
    </message>
    <message>
      <source>Set this profile aside and begin anew…</source>
      <translation>Set this profile aside and begin anew…</translation>
    </message>
    <message>
      <source>Set this profile aside?</source>
      <translation>Set this profile aside?</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Settings</translation>
    </message>
    <message>
      <source>Show all of it</source>
      <translation>Show all of it</translation>
    </message>
    <message>
      <source>Show last messages in the list</source>
      <translation>Show last messages in the list</translation>
    </message>
    <message>
      <source>Show notifications</source>
      <translation>Show notifications</translation>
    </message>
    <message>
      <source>Show only how many are unread</source>
      <translation>Show only how many are unread</translation>
    </message>
    <message>
      <source>Show or hide Byre</source>
      <translation>Show or hide Byre</translation>
    </message>
    <message>
      <source>Show the new code</source>
      <translation>Show the new code</translation>
    </message>
    <message>
      <source>Show the passphrase</source>
      <translation>Show the passphrase</translation>
    </message>
    <message>
      <source>Shown to the people you talk to</source>
      <translation>Shown to the people you talk to</translation>
    </message>
    <message>
      <source>Signed with this device's key</source>
      <translation>Signed with this device’s key</translation>
    </message>
    <message>
      <source>Size of the text</source>
      <translation>Size of the text</translation>
    </message>
    <message>
      <source>Somebody else may have your account's key</source>
      <translation>Somebody else may have your account’s key</translation>
    </message>
    <message>
      <source>Somebody must remain who may manage this room.</source>
      <translation>Somebody must remain who may manage this room.</translation>
    </message>
    <message>
      <source>Somebody wants to talk to you</source>
      <translation>Somebody wants to talk to you</translation>
    </message>
    <message>
      <source>Something is missing or written wrongly.</source>
      <translation>Something is missing or written wrongly.</translation>
    </message>
    <message>
      <source>Something went wrong ({code}). Try again.</source>
      <translation>Something went wrong ({code}). Try again.</translation>
    </message>
    <message>
      <source>Something went wrong inside Byre. Nothing was done half-way; try again.</source>
      <translation>Something went wrong inside Byre. Nothing was done half-way; try again.</translation>
    </message>
    <message>
      <source>Start the chat</source>
      <translation>Start the chat</translation>
    </message>
    <message>
      <source>Start without a phone. Your account's key is made on this PC.</source>
      <translation>Start without a phone. Your account’s key is made on this PC.</translation>
    </message>
    <message>
      <source>Stay in the notification area</source>
      <translation>Stay in the notification area</translation>
    </message>
    <message>
      <source>Stay open</source>
      <translation>Stay open</translation>
    </message>
    <message>
      <source>Step {at} of {total}</source>
      <translation>Step {at} of {total}</translation>
    </message>
    <message>
      <source>Step {at} of {total}: {name}</source>
      <translation>Step {at} of {total}: {name}</translation>
    </message>
    <message>
      <source>Storage and erasing</source>
      <translation>Storage and erasing</translation>
    </message>
    <message>
      <source>Take a picture of the code and choose it here, or paste the address that the PC copied.</source>
      <translation>Take a picture of the code and choose it here, or paste the address that the PC copied.</translation>
    </message>
    <message>
      <source>Tap **Settings → Linked devices → Link a PC** and scan the QR code.</source>
      <translation>Tap **Settings → Linked devices → Link a PC** and scan the QR code.</translation>
    </message>
    <message>
      <source>That is not possible right now.</source>
      <translation>That is not possible right now.</translation>
    </message>
    <message>
      <source>That is not the passphrase.</source>
      <translation>That is not the passphrase.</translation>
    </message>
    <message>
      <source>That phone answered with another key. Nothing was changed; try again.</source>
      <translation>That phone answered with another key. Nothing was changed; try again.</translation>
    </message>
    <message>
      <source>That you read a message</source>
      <translation>That you read a message</translation>
    </message>
    <message>
      <source>The QR code was read just now</source>
      <translation>The QR code was read just now</translation>
    </message>
    <message>
      <source>The account of this phone: {address}</source>
      <translation>The account of this phone: {address}</translation>
    </message>
    <message>
      <source>The account this PC will join</source>
      <translation>The account this PC will join</translation>
    </message>
    <message>
      <source>The backup was not made</source>
      <translation>The backup was not made</translation>
    </message>
    <message>
      <source>The certificate was exported.</source>
      <translation>The certificate was exported.</translation>
    </message>
    <message>
      <source>The code has expired. A new one is being made.</source>
      <translation>The code has expired. A new one is being made.</translation>
    </message>
    <message>
      <source>The code of a backup is shown once. A wipe does not reach the file; the certificate of a wipe says how many backups there are. To restore one, start Byre on a device without an account.</source>
      <translation>The code of a backup is shown once. A wipe does not reach the file; the certificate of a wipe says how many backups there are. To restore one, start Byre on a device without an account.</translation>
    </message>
    <message>
      <source>The damaged file was not deleted: it was set aside in the folder of the profile.</source>
      <translation>The damaged file was not deleted: it was set aside in the folder of the profile.</translation>
    </message>
    <message>
      <source>The digits were wrong three times. Scan the new QR code on the PC's screen.</source>
      <translation>The digits were wrong three times. Scan the new QR code on the PC’s screen.</translation>
    </message>
    <message>
      <source>The digits: {digits}</source>
      <translation>The digits: {digits}</translation>
    </message>
    <message>
      <source>The disk cannot be read or written. Nothing was deleted.</source>
      <translation>The disk cannot be read or written. Nothing was deleted.</translation>
    </message>
    <message>
      <source>The disk is full. Free some space; nothing was lost.</source>
      <translation>The disk is full. Free some space; nothing was lost.</translation>
    </message>
    <message>
      <source>The file could not be written.</source>
      <translation>The file could not be written.</translation>
    </message>
    <message>
      <source>The file is too large for the relay.</source>
      <translation>The file is too large for the relay.</translation>
    </message>
    <message>
      <source>The folder of this profile cannot be used. Nothing was deleted.</source>
      <translation>The folder of this profile cannot be used. Nothing was deleted.</translation>
    </message>
    <message>
      <source>The installation is incomplete. Install Byre again.</source>
      <translation>The installation is incomplete. Install Byre again.</translation>
    </message>
    <message>
      <source>The key file of this profile is damaged. Nothing was deleted.</source>
      <translation>The key file of this profile is damaged. Nothing was deleted.</translation>
    </message>
    <message>
      <source>The key has changed</source>
      <translation>The key has changed</translation>
    </message>
    <message>
      <source>The key is the one the relay told. It was not compared yet.</source>
      <translation>The key is the one the relay told. It was not compared yet.</translation>
    </message>
    <message>
      <source>The key of the account is made here and stays on this device.</source>
      <translation>The key of the account is made here and stays on this device.</translation>
    </message>
    <message>
      <source>The key of this person has changed. Compare the safety number first.</source>
      <translation>The key of this person has changed. Compare the safety number first.</translation>
    </message>
    <message>
      <source>The key of this profile is not in the key store that answers now. Open the one that holds it. If it is gone, close Byre and open it again: your phone or the recovery code can bring the key back. What is to be erased stays hidden and is erased then.</source>
      <translation>The key of this profile is not in the key store that answers now. Open the one that holds it. If it is gone, close Byre and open it again: your phone or the recovery code can bring the key back. What is to be erased stays hidden and is erased then.</translation>
    </message>
    <message>
      <source>The key stays on your phone. You can unlink
this PC from the phone at any time.</source>
      <translation>The key stays on your phone. You can unlink
this PC from the phone at any time.</translation>
    </message>
    <message>
      <source>The key store alone opens Byre now.</source>
      <translation>The key store alone opens Byre now.</translation>
    </message>
    <message>
      <source>The key store of this device does not answer. Unlock it and try again. Nothing was deleted.</source>
      <translation>The key store of this device does not answer. Unlock it and try again. Nothing was deleted.</translation>
    </message>
    <message>
      <source>The key store of this device opens your conversations again.</source>
      <translation>The key store of this device opens your conversations again.</translation>
    </message>
    <message>
      <source>The key was not given</source>
      <translation>The key was not given</translation>
    </message>
    <message>
      <source>The keys are destroyed first, so that nothing can be read any more, then the files. Only the recovery code or another device brings the account back; conversations that are only here are lost.</source>
      <translation>The keys are destroyed first, so that nothing can be read any more, then the files. Only the recovery code or another device brings the account back; conversations that are only here are lost.</translation>
    </message>
    <message>
      <source>The link was thrown away. A new QR code is being made.</source>
      <translation>The link was thrown away. A new QR code is being made.</translation>
    </message>
    <message>
      <source>The list that this device follows</source>
      <translation>The list that this device follows</translation>
    </message>
    <message>
      <source>The message is too long</source>
      <translation>The message is too long</translation>
    </message>
    <message>
      <source>The message is too long. Send it in parts.</source>
      <translation>The message is too long. Send it in parts.</translation>
    </message>
    <message>
      <source>The new passphrase opens Byre now.</source>
      <translation>The new passphrase opens Byre now.</translation>
    </message>
    <message>
      <source>The new recovery code is set</source>
      <translation>The new recovery code is set</translation>
    </message>
    <message>
      <source>The new store and the whole profile folder were read and searched; nothing was found.</source>
      <translation>The new store and the whole profile folder were read and searched; nothing was found.</translation>
    </message>
    <message>
      <source>The old code opens nothing any more once the new one is confirmed. That protects you from whoever found the old paper; not from somebody who has already used it, nor from a relay that knows the old code and kept what it opens.</source>
      <translation>The old code opens nothing any more once the new one is confirmed. That protects you from whoever found the old paper; not from somebody who has already used it, nor from a relay that knows the old code and kept what it opens.</translation>
    </message>
    <message>
      <source>The old files are overwritten and deleted</source>
      <translation>The old files are overwritten and deleted</translation>
    </message>
    <message>
      <source>The old files were overwritten and deleted</source>
      <translation>The old files were overwritten and deleted</translation>
    </message>
    <message>
      <source>The other list</source>
      <translation>The other list</translation>
    </message>
    <message>
      <source>The other side sent something that cannot be understood.</source>
      <translation>The other side sent something that cannot be understood.</translation>
    </message>
    <message>
      <source>The phone ended the linking, or the digits were wrong three times. Here is a new QR code.</source>
      <translation>The phone ended the linking, or the digits were wrong three times. Here is a new QR code.</translation>
    </message>
    <message>
      <source>The proxy cannot be reached.</source>
      <translation>The proxy cannot be reached.</translation>
    </message>
    <message>
      <source>The proxy cannot be reached. Check it in the network settings.</source>
      <translation>The proxy cannot be reached. Check it in the network settings.</translation>
    </message>
    <message>
      <source>The recovery code brings the account back; old messages stay on the devices that have them.</source>
      <translation>The recovery code brings the account back; old messages stay on the devices that have them.</translation>
    </message>
    <message>
      <source>The relay</source>
      <translation>The relay</translation>
    </message>
    <message>
      <source>The relay agrees again: this room goes on</source>
      <translation>The relay agrees again: this room goes on</translation>
    </message>
    <message>
      <source>The relay and the members of this room disagree. Texts go on; changes wait.</source>
      <translation>The relay and the members of this room disagree. Texts go on; changes wait.</translation>
    </message>
    <message>
      <source>The relay answered something false. Nothing was changed.</source>
      <translation>The relay answered something false. Nothing was changed.</translation>
    </message>
    <message>
      <source>The relay cannot be reached</source>
      <translation>The relay cannot be reached</translation>
    </message>
    <message>
      <source>The relay cannot be reached.</source>
      <translation>The relay cannot be reached.</translation>
    </message>
    <message>
      <source>The relay cannot be reached. Check the network and try again.</source>
      <translation>The relay cannot be reached. Check the network and try again.</translation>
    </message>
    <message>
      <source>The relay cannot be reached: it gets the new code as soon as it is back, and Byre tells you then. Keep both papers until that time.</source>
      <translation>The relay cannot be reached: it gets the new code as soon as it is back, and Byre tells you then. Keep both papers until that time.</translation>
    </message>
    <message>
      <source>The relay could not do this. Try again.</source>
      <translation>The relay could not do this. Try again.</translation>
    </message>
    <message>
      <source>The relay does not have the new code yet. Keep both papers until it does.</source>
      <translation>The relay does not have the new code yet. Keep both papers until it does.</translation>
    </message>
    <message>
      <source>The relay has the new recovery code; the old one opens nothing any more.</source>
      <translation>The relay has the new recovery code; the old one opens nothing any more.</translation>
    </message>
    <message>
      <source>The relay is busy. Try again in a moment.</source>
      <translation>The relay is busy. Try again in a moment.</translation>
    </message>
    <message>
      <source>The relay keeps it for them. It is not on the other devices yet.</source>
      <translation>The relay keeps it for them. It is not on the other devices yet.</translation>
    </message>
    <message>
      <source>The relay of this room has lost it: messages go on, but members and name cannot change.</source>
      <translation>The relay of this room has lost it: messages go on, but members and name cannot change.</translation>
    </message>
    <message>
      <source>The relay passes it on. It is not on the other devices yet.</source>
      <translation>The relay passes it on. It is not on the other devices yet.</translation>
    </message>
    <message>
      <source>The relay passes sealed envelopes on. It sees mailboxes, times and sizes; never names or texts.</source>
      <translation>The relay passes sealed envelopes on. It sees mailboxes, times and sizes; never names or texts.</translation>
    </message>
    <message>
      <source>The relay showed an old device list. Nothing was changed.</source>
      <translation>The relay showed an old device list. Nothing was changed.</translation>
    </message>
    <message>
      <source>The relay showed something older than before. Nothing was changed.</source>
      <translation>The relay showed something older than before. Nothing was changed.</translation>
    </message>
    <message>
      <source>The relay's certificate is not the right one.</source>
      <translation>The relay’s certificate is not the right one.</translation>
    </message>
    <message>
      <source>The relay's certificate is not the right one. Somebody may be in between; nothing is sent.</source>
      <translation>The relay’s certificate is not the right one. Somebody may be in between; nothing is sent.</translation>
    </message>
    <message>
      <source>The room has changed</source>
      <translation>The room has changed</translation>
    </message>
    <message>
      <source>The room is too large</source>
      <translation>The room is too large</translation>
    </message>
    <message>
      <source>The room would be too large: it can hold 1,000 devices.</source>
      <translation>The room would be too large: it can hold 1,000 devices.</translation>
    </message>
    <message>
      <source>The room would hold too many people.</source>
      <translation>The room would hold too many people.</translation>
    </message>
    <message>
      <source>The room's relay contradicts its members. Texts go on; members and name cannot change.</source>
      <translation>The room’s relay contradicts its members. Texts go on; members and name cannot change.</translation>
    </message>
    <message>
      <source>The rooms come back as soon as somebody else of theirs is online.</source>
      <translation>The rooms come back as soon as somebody else of theirs is online.</translation>
    </message>
    <message>
      <source>The safety numbers differ. Somebody may be in between: do not go on.</source>
      <translation>The safety numbers differ. Somebody may be in between: do not go on.</translation>
    </message>
    <message>
      <source>The same number as a QR code</source>
      <translation>The same number as a QR code</translation>
    </message>
    <message>
      <source>The store is damaged and was closed. New messages wait at the relay meanwhile.</source>
      <translation>The store is damaged and was closed. New messages wait at the relay meanwhile.</translation>
    </message>
    <message>
      <source>The store is damaged. It was kept as it is; nothing was deleted.</source>
      <translation>The store is damaged. It was kept as it is; nothing was deleted.</translation>
    </message>
    <message>
      <source>The store of this profile is missing. Nothing was deleted; look for the folder or a backup.</source>
      <translation>The store of this profile is missing. Nothing was deleted; look for the folder or a backup.</translation>
    </message>
    <message>
      <source>The two passphrases differ.</source>
      <translation>The two passphrases differ.</translation>
    </message>
    <message>
      <source>The whole message</source>
      <translation>The whole message</translation>
    </message>
    <message>
      <source>Their apps erase it and report that, if they are Byre, unaltered and ever online again. It is a request: nobody can prove that another device has kept no copy.</source>
      <translation>Their apps erase it and report that, if they are Byre, unaltered and ever online again. It is a request: nobody can prove that another device has kept no copy.</translation>
    </message>
    <message>
      <source>Their key has signed two different lists of devices: it may have been copied, or a restored phone went on from an old list. Ask them, and compare the safety number when you meet or by voice. Until then nothing is sent in this conversation.</source>
      <translation>Their key has signed two different lists of devices: it may have been copied, or a restored phone went on from an old list. Ask them, and compare the safety number when you meet or by voice. Until then nothing is sent in this conversation.</translation>
    </message>
    <message>
      <source>Theme and text</source>
      <translation>Theme and text</translation>
    </message>
    <message>
      <source>There is a file of this name already.</source>
      <translation>There is a file of this name already.</translation>
    </message>
    <message>
      <source>There is a name before the @; only what stands behind it is the address.</source>
      <translation>There is a name before the @; only what stands behind it is the address.</translation>
    </message>
    <message>
      <source>There is no passphrase on this device, so there is nothing to lock with.</source>
      <translation>There is no passphrase on this device, so there is nothing to lock with.</translation>
    </message>
    <message>
      <source>There is nobody with this address.</source>
      <translation>There is nobody with this address.</translation>
    </message>
    <message>
      <source>There is not enough memory for this. Close other programs and try again.</source>
      <translation>There is not enough memory for this. Close other programs and try again.</translation>
    </message>
    <message>
      <source>These devices can read and send with this account. Remove at once what you do not know.</source>
      <translation>These devices can read and send with this account. Remove at once what you do not know.</translation>
    </message>
    <message>
      <source>These digits do not match. Look at your PC's screen again.</source>
      <translation>These digits do not match. Look at your PC’s screen again.</translation>
    </message>
    <message>
      <source>They are the same</source>
      <translation>They are the same</translation>
    </message>
    <message>
      <source>They can no longer read what is written from now on. What they already have stays with them, and the room says who removed them.</source>
      <translation>They can no longer read what is written from now on. What they already have stays with them, and the room says who removed them.</translation>
    </message>
    <message>
      <source>They can then invite and remove people, and choose how long messages stay.</source>
      <translation>They can then invite and remove people, and choose how long messages stay.</translation>
    </message>
    <message>
      <source>They may have made a new account on a new phone, or somebody may have taken this name. This app cannot know which. Compare the safety number when you meet or by voice. Until then nothing is sent in this conversation.</source>
      <translation>They may have made a new account on a new phone, or somebody may have taken this name. This app cannot know which. Compare the safety number when you meet or by voice. Until then nothing is sent in this conversation.</translation>
    </message>
    <message>
      <source>This PC is linked to
**{address}**.</source>
      <translation>This PC is linked to
**{address}**.</translation>
    </message>
    <message>
      <source>This PC is linked to {address}.</source>
      <translation>This PC is linked to {address}.</translation>
    </message>
    <message>
      <source>This PC was removed</source>
      <translation>This PC was removed</translation>
    </message>
    <message>
      <source>This QR code is no safety number of Byre.</source>
      <translation>This QR code is no safety number of Byre.</translation>
    </message>
    <message>
      <source>This QR code was already used. Make a new one on the PC.</source>
      <translation>This QR code was already used. Make a new one on the PC.</translation>
    </message>
    <message>
      <source>This account has no device that can be reached.</source>
      <translation>This account has no device that can be reached.</translation>
    </message>
    <message>
      <source>This cannot be undone.</source>
      <translation>This cannot be undone.</translation>
    </message>
    <message>
      <source>This code does not open the backup. Check each group of letters.</source>
      <translation>This code does not open the backup. Check each group of letters.</translation>
    </message>
    <message>
      <source>This conversation no longer exists.</source>
      <translation>This conversation no longer exists.</translation>
    </message>
    <message>
      <source>This device</source>
      <translation>This device</translation>
    </message>
    <message>
      <source>This device becomes the one that the backup was made of. Rooms come back as soon as somebody else of theirs is online.</source>
      <translation>This device becomes the one that the backup was made of. Rooms come back as soon as somebody else of theirs is online.</translation>
    </message>
    <message>
      <source>This device belongs to another account.</source>
      <translation>This device belongs to another account.</translation>
    </message>
    <message>
      <source>This device has no key store, so your conversations are protected by a passphrase. It is asked at start.</source>
      <translation>This device has no key store, so your conversations are protected by a passphrase. It is asked at start.</translation>
    </message>
    <message>
      <source>This device has no key store. Choose a passphrase to protect your conversations.</source>
      <translation>This device has no key store. Choose a passphrase to protect your conversations.</translation>
    </message>
    <message>
      <source>This device has no key store: a passphrase is needed at every start.</source>
      <translation>This device has no key store: a passphrase is needed at every start.</translation>
    </message>
    <message>
      <source>This device is no longer in the list.</source>
      <translation>This device is no longer in the list.</translation>
    </message>
    <message>
      <source>This is not a SHA-256 fingerprint: it has 64 hexadecimal digits.</source>
      <translation>This is not a SHA-256 fingerprint: it has 64 hexadecimal digits.</translation>
    </message>
    <message>
      <source>This is not a certificate in PEM form.</source>
      <translation>This is not a certificate in PEM form.</translation>
    </message>
    <message>
      <source>This is not a link code of Byre.</source>
      <translation>This is not a link code of Byre.</translation>
    </message>
    <message>
      <source>This is not a safety number.</source>
      <translation>This is not a safety number.</translation>
    </message>
    <message>
      <source>This is not a store of Byre. Nothing was changed.</source>
      <translation>This is not a store of Byre. Nothing was changed.</translation>
    </message>
    <message>
      <source>This is not the address of a proxy. It looks like socks5://127.0.0.1:9050.</source>
      <translation>This is not the address of a proxy. It looks like socks5://127.0.0.1:9050.</translation>
    </message>
    <message>
      <source>This is not the address of a relay. It looks like https://relay.example.</source>
      <translation>This is not the address of a relay. It looks like https://relay.example.</translation>
    </message>
    <message>
      <source>This is the number of the new key. Only if it is right does the room go on.</source>
      <translation>This is the number of the new key. Only if it is right does the room go on.</translation>
    </message>
    <message>
      <source>This is this device's own claim, no proof to others</source>
      <translation>This is this device’s own claim, no proof to others</translation>
    </message>
    <message>
      <source>This link is for a phone whose conversations are open.</source>
      <translation>This link is for a phone whose conversations are open.</translation>
    </message>
    <message>
      <source>This message needs a newer Byre</source>
      <translation>This message needs a newer Byre</translation>
    </message>
    <message>
      <source>This message no longer exists.</source>
      <translation>This message no longer exists.</translation>
    </message>
    <message>
      <source>This name is already taken. Choose another one.</source>
      <translation>This name is already taken. Choose another one.</translation>
    </message>
    <message>
      <source>This person is no longer in the room.</source>
      <translation>This person is no longer in the room.</translation>
    </message>
    <message>
      <source>This phone was restored and has not met your other PCs yet. Start one or remove it, and try again.</source>
      <translation>This phone was restored and has not met your other PCs yet. Start one or remove it, and try again.</translation>
    </message>
    <message>
      <source>This picture cannot be read. Choose another file, such as a PNG or JPEG.</source>
      <translation>This picture cannot be read. Choose another file, such as a PNG or JPEG.</translation>
    </message>
    <message>
      <source>This profile is already open in another window.</source>
      <translation>This profile is already open in another window.</translation>
    </message>
    <message>
      <source>This profile is an older copy: what came later is missing. Your rooms come back by themselves.</source>
      <translation>This profile is an older copy: what came later is missing. Your rooms come back by themselves.</translation>
    </message>
    <message>
      <source>This profile was made by a newer Byre. Update the app; nothing was changed.</source>
      <translation>This profile was made by a newer Byre. Update the app; nothing was changed.</translation>
    </message>
    <message>
      <source>This recovery code is not right. Check each group of letters.</source>
      <translation>This recovery code is not right. Check each group of letters.</translation>
    </message>
    <message>
      <source>This was made by a newer Byre. Update the app; nothing was changed.</source>
      <translation>This was made by a newer Byre. Update the app; nothing was changed.</translation>
    </message>
    <message>
      <source>To be sure, type group {number} again</source>
      <translation>To be sure, type group {number} again</translation>
    </message>
    <message>
      <source>To the newest message</source>
      <translation>To the newest message</translation>
    </message>
    <message>
      <source>Told to the room</source>
      <translation>Told to the room</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>Try again</translation>
    </message>
    <message>
      <source>Try now</source>
      <translation>Try now</translation>
    </message>
    <message numerus="yes">
      <source>Trying again in %n s · reading and writing go on</source>
      <translation>
        <numerusform>Trying again in %n s · reading and writing go on</numerusform>
        <numerusform>Trying again in %n s · reading and writing go on</numerusform>
      </translation>
    </message>
    <message>
      <source>Two different device lists of this account exist. Somebody may be tampering; nothing is sent.</source>
      <translation>Two different device lists of this account exist. Somebody may be tampering; nothing is sent.</translation>
    </message>
    <message>
      <source>Two different device lists were signed with it. Either an old phone of yours is still in use, or somebody copied the key or the recovery code. Nothing is sent until you decide.</source>
      <translation>Two different device lists were signed with it. Either an old phone of yours is still in use, or somebody copied the key or the recovery code. Nothing is sent until you decide.</translation>
    </message>
    <message>
      <source>Type a message</source>
      <translation>Type a message</translation>
    </message>
    <message>
      <source>Type the 6 digits of the PC's screen</source>
      <translation>Type the 6 digits of the PC’s screen</translation>
    </message>
    <message>
      <source>Type the digits</source>
      <translation>Type the digits</translation>
    </message>
    <message>
      <source>Type the six digits shown on this PC into your phone.</source>
      <translation>Type the six digits shown on this PC into your phone.</translation>
    </message>
    <message>
      <source>Type these digits on your phone</source>
      <translation>Type these digits on your phone</translation>
    </message>
    <message>
      <source>Typing and shortcuts</source>
      <translation>Typing and shortcuts</translation>
    </message>
    <message>
      <source>Understood</source>
      <translation>Understood</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Undo</translation>
    </message>
    <message>
      <source>Unknown person</source>
      <translation>Unknown person</translation>
    </message>
    <message>
      <source>Unknown while offline</source>
      <translation>Unknown while offline</translation>
    </message>
    <message>
      <source>Unlink</source>
      <translation>Unlink</translation>
    </message>
    <message>
      <source>Unlock first.</source>
      <translation>Unlock first.</translation>
    </message>
    <message>
      <source>Unlock your system's key store, or log in to the desktop again, then try again: everything is still here. If the key is gone for good, your phone or the recovery code can bring it back. Nothing is deleted here.</source>
      <translation>Unlock your system’s key store, or log in to the desktop again, then try again: everything is still here. If the key is gone for good, your phone or the recovery code can bring it back. Nothing is deleted here.</translation>
    </message>
    <message>
      <source>Unpin</source>
      <translation>Unpin</translation>
    </message>
    <message>
      <source>Unread</source>
      <translation>Unread</translation>
    </message>
    <message>
      <source>Unread from here</source>
      <translation>Unread from here</translation>
    </message>
    <message>
      <source>Unread {count}</source>
      <translation>Unread {count}</translation>
    </message>
    <message>
      <source>Untitled room</source>
      <translation>Untitled room</translation>
    </message>
    <message>
      <source>Use this PC as the primary device</source>
      <translation>Use this PC as the primary device</translation>
    </message>
    <message>
      <source>Use this device's key store too</source>
      <translation>Use this device’s key store too</translation>
    </message>
    <message>
      <source>Use this passphrase</source>
      <translation>Use this passphrase</translation>
    </message>
    <message>
      <source>Verified</source>
      <translation>Verified</translation>
    </message>
    <message numerus="yes">
      <source>Wait %n s.</source>
      <translation>
        <numerusform>Wait %n s.</numerusform>
        <numerusform>Wait %n s.</numerusform>
      </translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>Waiting</translation>
    </message>
    <message>
      <source>Waiting to be removed</source>
      <translation>Waiting to be removed</translation>
    </message>
    <message>
      <source>Waiting to be sent</source>
      <translation>Waiting to be sent</translation>
    </message>
    <message>
      <source>Wants to talk to you</source>
      <translation>Wants to talk to you</translation>
    </message>
    <message>
      <source>Weeks</source>
      <translation>Weeks</translation>
    </message>
    <message>
      <source>What a notification shows</source>
      <translation>What a notification shows</translation>
    </message>
    <message>
      <source>What can I do?</source>
      <translation>What can I do?</translation>
    </message>
    <message>
      <source>What could be read is back</source>
      <translation>What could be read is back</translation>
    </message>
    <message>
      <source>What is under way is brought to its end first.</source>
      <translation>What is under way is brought to its end first.</translation>
    </message>
    <message>
      <source>What others and this screen get to see.</source>
      <translation>What others and this screen get to see.</translation>
    </message>
    <message>
      <source>What stays has moved into a new store</source>
      <translation>What stays has moved into a new store</translation>
    </message>
    <message>
      <source>What the people you talk to see of you.</source>
      <translation>What the people you talk to see of you.</translation>
    </message>
    <message>
      <source>What the relay holds right now</source>
      <translation>What the relay holds right now</translation>
    </message>
    <message>
      <source>What was begun is finished at the next start.</source>
      <translation>What was begun is finished at the next start.</translation>
    </message>
    <message>
      <source>When the screen is locked</source>
      <translation>When the screen is locked</translation>
    </message>
    <message>
      <source>When the window is closed</source>
      <translation>When the window is closed</translation>
    </message>
    <message>
      <source>When you are online, or typing</source>
      <translation>When you are online, or typing</translation>
    </message>
    <message>
      <source>When you remove a device, your phone signs a new device list and takes it out of every room. While the phone is off it is shown as “waiting to be removed”.</source>
      <translation>When you remove a device, your phone signs a new device list and takes it out of every room. While the phone is off it is shown as “waiting to be removed”.</translation>
    </message>
    <message>
      <source>While Byre is locked nothing is shown at all.</source>
      <translation>While Byre is locked nothing is shown at all.</translation>
    </message>
    <message>
      <source>While locked, notifications show no names and no texts</source>
      <translation>While locked, notifications show no names and no texts</translation>
    </message>
    <message>
      <source>Who can read this room</source>
      <translation>Who can read this room</translation>
    </message>
    <message>
      <source>Whoever has the file and the code has this device: its keys and its messages.</source>
      <translation>Whoever has the file and the code has this device: its keys and its messages.</translation>
    </message>
    <message>
      <source>Whoever has this code can take over your account. Byre never asks for it.</source>
      <translation>Whoever has this code can take over your account. Byre never asks for it.</translation>
    </message>
    <message>
      <source>Wipe certificate</source>
      <translation>Wipe certificate</translation>
    </message>
    <message>
      <source>Wipe certificates</source>
      <translation>Wipe certificates</translation>
    </message>
    <message>
      <source>Write a message</source>
      <translation>Write a message</translation>
    </message>
    <message>
      <source>Write a message to {name}</source>
      <translation>Write a message to {name}</translation>
    </message>
    <message>
      <source>Write a message to {title}</source>
      <translation>Write a message to {title}</translation>
    </message>
    <message>
      <source>Write down the code of this backup</source>
      <translation>Write down the code of this backup</translation>
    </message>
    <message>
      <source>Write down your recovery code</source>
      <translation>Write down your recovery code</translation>
    </message>
    <message>
      <source>Written by whom?</source>
      <translation>Written by whom?</translation>
    </message>
    <message>
      <source>Yes, it says so</source>
      <translation>Yes, it says so</translation>
    </message>
    <message>
      <source>You are invited: {title}</source>
      <translation>You are invited: {title}</translation>
    </message>
    <message>
      <source>You are no longer in this room</source>
      <translation>You are no longer in this room</translation>
    </message>
    <message>
      <source>You can no longer read or write in it, on all your devices. What you already have stays on them until you erase it.</source>
      <translation>You can no longer read or write in it, on all your devices. What you already have stays on them until you erase it.</translation>
    </message>
    <message>
      <source>You cannot send until the key is checked</source>
      <translation>You cannot send until the key is checked</translation>
    </message>
    <message>
      <source>You may not do this here.</source>
      <translation>You may not do this here.</translation>
    </message>
    <message>
      <source>You stay in the room; what is written later shows up in it again.</source>
      <translation>You stay in the room; what is written later shows up in it again.</translation>
    </message>
    <message>
      <source>Your PC asks for its key</source>
      <translation>Your PC asks for its key</translation>
    </message>
    <message>
      <source>Your browser opens it, outside of Byre: the site sees your address. Byre loads nothing of it.</source>
      <translation>Your browser opens it, outside of Byre: the site sees your address. Byre loads nothing of it.</translation>
    </message>
    <message>
      <source>Your conversations do not open</source>
      <translation>Your conversations do not open</translation>
    </message>
    <message>
      <source>Your direct conversations, the name and what you verified are erased here, without a trace.</source>
      <translation>Your direct conversations, the name and what you verified are erased here, without a trace.</translation>
    </message>
    <message>
      <source>Your other devices</source>
      <translation>Your other devices</translation>
    </message>
    <message>
      <source>Your phone took this PC out of your account. It receives and sends nothing any more. What it already has is still here.</source>
      <translation>Your phone took this PC out of your account. It receives and sends nothing any more. What it already has is still here.</translation>
    </message>
    <message numerus="yes">
      <source>again in %n s</source>
      <translation>
        <numerusform>again in %n s</numerusform>
        <numerusform>again in %n s</numerusform>
      </translation>
    </message>
    <message>
      <source>can be unlinked at any time in Settings → Linked devices.</source>
      <translation>can be unlinked at any time in Settings → Linked devices.</translation>
    </message>
    <message>
      <source>can read your conversations and write in your name.</source>
      <translation>can read your conversations and write in your name.</translation>
    </message>
    <message>
      <source>checking</source>
      <translation>checking</translation>
    </message>
    <message>
      <source>disappears in {time}</source>
      <translation>disappears in {time}</translation>
    </message>
    <message>
      <source>generation {number}</source>
      <translation>generation {number}</translation>
    </message>
    <message>
      <source>gone after {time}</source>
      <translation>gone after {time}</translation>
    </message>
    <message>
      <source>must be yours. Whoever has the key can read what is stored on it.</source>
      <translation>must be yours. Whoever has the key can read what is stored on it.</translation>
    </message>
    <message>
      <source>name or name@relay</source>
      <translation>name or name@relay</translation>
    </message>
    <message>
      <source>new messages disappear after {time}</source>
      <translation>new messages disappear after {time}</translation>
    </message>
    <message>
      <source>number {number}</source>
      <translation>number {number}</translation>
    </message>
    <message>
      <source>offline: sent once connected</source>
      <translation>offline: sent once connected</translation>
    </message>
    <message>
      <source>opens the conversations that it already has.</source>
      <translation>opens the conversations that it already has.</translation>
    </message>
    <message>
      <source>stays linked as it was: no device is added.</source>
      <translation>stays linked as it was: no device is added.</translation>
    </message>
    <message>
      <source>unknown</source>
      <translation>unknown</translation>
    </message>
    <message>
      <source>works by itself while the phone is off.</source>
      <translation>works by itself while the phone is off.</translation>
    </message>
    <message numerus="yes">
      <source>{at} of %n in this room</source>
      <translation>
        <numerusform>{at} of %n in this room</numerusform>
        <numerusform>{at} of %n in this room</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{at} of more than %n in this room</source>
      <translation>
        <numerusform>{at} of more than %n in this room</numerusform>
        <numerusform>{at} of more than %n in this room</numerusform>
      </translation>
    </message>
    <message>
      <source>{count}</source>
      <translation>{count}</translation>
    </message>
    <message>
      <source>{count} → {found} found</source>
      <translation>{count} → {found} found</translation>
    </message>
    <message numerus="yes">
      <source>{erased} of %n other devices have erased it so far</source>
      <translation>
        <numerusform>The other device has not erased it yet</numerusform>
        <numerusform>{erased} of %n other devices have erased it so far</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} (me)</source>
      <translation>{name} (me)</translation>
    </message>
    <message>
      <source>{name} can open its conversations again.</source>
      <translation>{name} can open its conversations again.</translation>
    </message>
    <message>
      <source>{name} wants to talk to you</source>
      <translation>{name} wants to talk to you</translation>
    </message>
    <message>
      <source>{name}'s key has changed</source>
      <translation>{name}’s key has changed</translation>
    </message>
    <message>
      <source>{percent} %</source>
      <translation>{percent} %</translation>
    </message>
    <message>
      <source>{percent} % erased</source>
      <translation>{percent} % erased</translation>
    </message>
    <message>
      <source>{platform} · the QR code was read just now</source>
      <translation>{platform} · the QR code was read just now</translation>
    </message>
    <message>
      <source>{subject} left</source>
      <translation>{subject} left</translation>
    </message>
    <message>
      <source>{subject}'s key has changed</source>
      <translation>{subject}’s key has changed</translation>
    </message>
    <message>
      <source>{subject}'s safety number was compared · verified</source>
      <translation>{subject}’s safety number was compared · verified</translation>
    </message>
    <message>
      <source>{time} left</source>
      <translation>{time} left</translation>
    </message>
    <message>
      <source>{time} left · after three wrong tries start again</source>
      <translation>{time} left · after three wrong tries start again</translation>
    </message>
    <message>
      <source>{who} changed how long messages stay</source>
      <translation>{who} changed how long messages stay</translation>
    </message>
    <message>
      <source>{who} erased messages here</source>
      <translation>{who} erased messages here</translation>
    </message>
    <message>
      <source>{who} gave this room another name</source>
      <translation>{who} gave this room another name</translation>
    </message>
    <message>
      <source>{who} invited {subject}</source>
      <translation>{who} invited {subject}</translation>
    </message>
    <message>
      <source>{who} opened this room</source>
      <translation>{who} opened this room</translation>
    </message>
    <message>
      <source>{who} removed {subject}</source>
      <translation>{who} removed {subject}</translation>
    </message>
    <message>
      <source>{who}'s PC entered this room</source>
      <translation>{who}’s PC entered this room</translation>
    </message>
    <message>
      <source>{who}'s PC is back · missed messages follow</source>
      <translation>{who}’s PC is back · missed messages follow</translation>
    </message>
    <message>
      <source>{who}'s PC is no longer in the device list</source>
      <translation>{who}’s PC is no longer in the device list</translation>
    </message>
    <message>
      <source>{who}'s PC left this room</source>
      <translation>{who}’s PC left this room</translation>
    </message>
    <message>
      <source>“No” throws the link away and makes a new QR code. If the phone showed another address, somebody may have shown you another QR code.</source>
      <translation>“No” throws the link away and makes a new QR code. If the phone showed another address, somebody may have shown you another QR code.</translation>
    </message>
    <message>
      <source>↑ ↓ choose · Enter opens the chat · Esc clears</source>
      <translation>↑ ↓ choose · Enter opens the chat · Esc clears</translation>
    </message>
  </context>
</TS>
