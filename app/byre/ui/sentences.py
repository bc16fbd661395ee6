"""What a user reads when something fails: one sentence per error code, here and nowhere else.

Two parts: what happened, and what can be done. Unknown codes get a neutral sentence with the code itself.
"""

from __future__ import annotations

from byre.ui.i18n import tr


def error_sentence(code: str) -> str:
    """The sentence for `code` in the current language."""
    table = {
        "wrong_passphrase": tr("That is not the passphrase."),
        "passphrase_required": tr("This device has no key store. Choose a passphrase to protect your conversations."),
        "key_unavailable": tr(
            "The key store of this device does not answer. Unlock it and try again. Nothing was deleted."
        ),
        "no_such_handle": tr("There is nobody with this address."),
        "handle_taken": tr("This name is already taken. Choose another one."),
        "bad_handle": tr("A name has 2 to 32 letters, digits, dots or underscores of one script."),
        "offer_expired": tr("The code has expired. A new one is being made."),
        "offer_used": tr("This QR code was already used. Make a new one on the PC."),
        "three_wrong": tr("The digits were wrong three times. Scan the new QR code on the PC's screen."),
        "phone_withdrew": tr(
            "The phone ended the linking, or the digits were wrong three times. Here is a new QR code."
        ),
        "code_mismatch": tr("These digits do not match. Look at your PC's screen again."),
        "relay_unreachable": tr("The relay cannot be reached. Check the network and try again."),
        "disk_full": tr("The disk is full. Free some space; nothing was lost."),
        "db_damaged": tr("The store is damaged. It was kept as it is; nothing was deleted."),
        "io_error": tr("The disk cannot be read or written. Nothing was deleted."),
        "profile_in_use": tr("This profile is already open in another window."),
        "room_too_large": tr("The room would be too large: it can hold 1,000 devices."),
        "no_such_room": tr("This conversation no longer exists."),
        "no_such_message": tr("This message no longer exists."),
        "not_allowed": tr("You may not do this here."),
        "wrong_state": tr("That is not possible right now."),
        "key_changed": tr("The key of this person has changed. Compare the safety number first."),
        "wrong_recovery_code": tr("This recovery code is not right. Check each group of letters."),
        "bad_link": tr("This is not a link code of Byre."),
        "no_qr": tr("No QR code was found in this picture. Choose one that shows a single code clearly."),
        "bad_picture": tr("This picture cannot be read. Choose another file, such as a PNG or JPEG."),
        "bad_params": tr("Something is missing or written wrongly."),
        "bad_relay": tr("This is not the address of a relay. It looks like https://relay.example."),
        "locked": tr("Unlock first."),
        "cancelled": tr("Linking was cancelled."),
        "link_refused": tr("The link was thrown away. A new QR code is being made."),
        "link_failed": tr("Linking did not finish. Start again with a new QR code."),
        "message_too_long": tr("The message is too long. Send it in parts."),
        "bad_peer_data": tr("The other side sent something that cannot be understood."),
        "bad_relay_url": tr("This is not the address of a relay. It looks like https://relay.example."),
        "bad_link_uri": tr("This is not a link code of Byre."),
        "relay_failed": tr("The relay could not do this. Try again."),
        "relay_busy": tr("The relay is busy. Try again in a moment."),
        "relay_lied": tr("The relay answered something false. Nothing was changed."),
        "room_too_many_accounts": tr("The room would hold too many people."),
        "no_devices": tr("This account has no device that can be reached."),
        "no_such_device": tr("This device is no longer in the list."),
        "no_such_contact": tr("There is nobody with this address."),
        "no_such_member": tr("This person is no longer in the room."),
        "identity_changed": tr("The key of this person has changed. Compare the safety number first."),
        "list_fork": tr(
            "Two different device lists of this account exist. Somebody may be tampering; nothing is sent."
        ),
        "list_rollback": tr("The relay showed an old device list. Nothing was changed."),
        "db_newer": tr("This profile was made by a newer Byre. Update the app; nothing was changed."),
        "newer_version": tr("This was made by a newer Byre. Update the app; nothing was changed."),
        "db_missing": tr("The store of this profile is missing. Nothing was deleted; look for the folder or a backup."),
        "db_foreign": tr("This is not a store of Byre. Nothing was changed."),
        "key_missing": tr(
            "The key store of this device does not answer. Unlock it and try again. Nothing was deleted."
        ),
        "key_elsewhere": tr(
            "The key of this profile is not in the key store that answers now. Open the one that holds it. If it is "
            "gone, close Byre and open it again: your phone or the recovery code can bring the key back. What is to be "
            "erased stays hidden and is erased then."
        ),
        "key_file_damaged": tr("The key file of this profile is damaged. Nothing was deleted."),
        "no_folder": tr("The folder of this profile cannot be used. Nothing was deleted."),
        "wrong_account": tr("This device belongs to another account."),
        "bad_certificate": tr("This is not a certificate in PEM form."),
        "bad_proxy": tr("This is not the address of a proxy. It looks like socks5://127.0.0.1:9050."),
        "proxy_unreachable": tr("The proxy cannot be reached. Check it in the network settings."),
        "relay_certificate": tr(
            "The relay's certificate is not the right one. Somebody may be in between; nothing is sent."
        ),
        "bad_safety_number": tr("This is not a safety number."),
        "bad_safety_uri": tr("This QR code is no safety number of Byre."),
        "safety_mismatch": tr("The safety numbers differ. Somebody may be in between: do not go on."),
        "blob_too_large": tr("The file is too large for the relay."),
        "out_of_memory": tr("There is not enough memory for this. Close other programs and try again."),
        "other_account": tr("This device belongs to another account."),
        "record_rollback": tr("The relay showed something older than before. Nothing was changed."),
        "wrong_backup_code": tr("This code does not open the backup. Check each group of letters."),
        "bad_pin": tr("This is not a SHA-256 fingerprint: it has 64 hexadecimal digits."),
        "wrong_key": tr("That phone answered with another key. Nothing was changed; try again."),
        "no_key_copy": tr("No copy of this key is kept there. Try the other way, or set the profile aside."),
        "unsupported_version": tr("This was made by a newer Byre. Update the app; nothing was changed."),
        "no_admin": tr("Somebody must remain who may manage this room."),
        "home_lost": tr("The relay of this room has lost it: messages go on, but members and name cannot change."),
        "no_device_room": tr(
            "This phone was restored and has not met your other PCs yet. Start one or remove it, and try again."
        ),
        "internal": tr("Something went wrong inside Byre. Nothing was done half-way; try again."),
        "resources_missing": tr("The installation is incomplete. Install Byre again."),
    }
    return table.get(code) or tr("Something went wrong ({code}). Try again.", code=code)


def failure_reason(code: str) -> str:
    """Why a message was not sent: short, for the line under the bubble."""
    table = {
        "key_changed": tr("Kept here until the key is checked"),
        "room_too_large": tr("The room is too large"),
        "message_too_long": tr("The message is too long"),
        "relay_unreachable": tr("The relay cannot be reached"),
        "wiped": tr("Erased before it was sent"),
        "nobody_there": tr("Everybody else has left this room"),
    }
    return table.get(code) or tr("Not sent")
