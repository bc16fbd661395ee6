"""A manifest that is lost, told by the key files.

```
 key.<g>                 g counts
 key.<g>  key.<g+1>      a wipe was cut off about its switch: g+1 counts, or is whole and lacks nothing but the switch
          key.<g+1>      g+1 counts
```
While a generation goes on, no later one has a key file: where the switch of a wipe does not come, `Rotation.withdraw`
destroys it, and after a crash the next unlock does, before anything is stored. So of two the later one is the profile,
or as good as it, and the wipe between them is completed. The earlier one is never taken because the later one does not
open: what it holds more was meant to go.
"""

from __future__ import annotations

from byre.errors import EnvironmentFault
from byre.store.vault_files import sync_folder
from byre.store.vault_manifest import Manifest
from byre.store.vault_profile import MANIFEST, ProfileFiles, damaged, parsed_key_file


def is_manifest_lost(files: ProfileFiles) -> bool:
    """Whether the manifest is missing or not as it was written. Raises: EnvironmentFault `db_newer`, `io_error`."""
    if MANIFEST not in files.names():
        return True
    try:
        files.read_manifest()
    except EnvironmentFault as fault:
        if fault.code != "db_damaged":
            raise
        return True
    return False


def manifest_or_presumed(files: ProfileFiles) -> Manifest:
    """What the manifest says, or what it must have said.

    Raises:
        EnvironmentFault: `db_damaged` (no key file, or a damaged one), `db_newer`, `io_error`.
    """
    if not is_manifest_lost(files):
        return files.read_manifest()
    for generation in reversed(files.generations()):
        if files.key(generation).exists():
            key_file = parsed_key_file(files.key(generation))
            if key_file.generation != generation:
                raise damaged("the profile's key file is another generation's")
            return Manifest(generation, key_file.profile_id)
    raise damaged("the profile's manifest is missing")


def destroy_later_keys(files: ProfileFiles, generation: int) -> None:
    """Destroy the key files of generations that never came to count, durably."""
    later = [other for other in files.generations() if other > generation and files.key(other).exists()]
    for other in later:
        files.destroy_key(other)
    if later:
        sync_folder(files.directory)
