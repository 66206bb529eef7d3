namespace Devloop.Adapters.Files.Watching;

/// <summary>The bits of inotify(7) that are used.</summary>
[Flags]
internal enum InotifyMask : uint
{
    None = 0,
    Modify = 0x2,
    Attributes = 0x4,
    CloseWrite = 0x8,
    MovedFrom = 0x40,
    MovedTo = 0x80,
    Create = 0x100,
    Delete = 0x200,
    DeleteSelf = 0x400,
    MoveSelf = 0x800,
    Unmounted = 0x2000,
    QueueOverflow = 0x4000,
    Ignored = 0x8000,
    OnlyDirectory = 0x0100_0000,
    DontFollow = 0x0200_0000,
    ExcludeUnlinked = 0x0400_0000,
    AddToMask = 0x2000_0000,
    IsDirectory = 0x4000_0000,

    /// <summary>What changes content, modes or names. Reading a file is none of these.</summary>
    Tree = Modify | Attributes | CloseWrite | MovedFrom | MovedTo | Create | Delete | DeleteSelf | MoveSelf | OnlyDirectory | ExcludeUnlinked,

    /// <summary>For a directory that is watched only because a watched one may appear in it.</summary>
    Anchor = MovedFrom | MovedTo | Create | Delete | DeleteSelf | MoveSelf | OnlyDirectory | AddToMask,
}
