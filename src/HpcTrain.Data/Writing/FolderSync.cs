using System.Runtime.InteropServices;

namespace HpcTrain.Data.Writing;

/// <summary>Forces files and the entries of folders to the disk, so that a rename survives a power cut.</summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;

    /// <summary>Forces a file's contents to the disk.</summary>
    public static void File(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, 0);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Forces a folder's entries to the disk; file systems that cannot do it (some network mounts) are left as they
    /// are.</summary>
    public static void Folder(string path)
    {
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            return;
        _ = FSync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
