using System.Runtime.InteropServices;
using System.Text;

namespace HpcTrain.Runs;

/// <summary>
/// Files that are either wholly there or not there at all: written beside their place, forced to the disk, then renamed.
/// A reader on another node never sees half a file, and neither does anyone after a crash.
/// </summary>
public static partial class AtomicFile
{
    /// <summary>Writes text (UTF-8) to <paramref name="path"/> atomically, replacing what was there.</summary>
    /// <exception cref="IOException">Disk full, or another failure of the file system; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes to <paramref name="path"/> atomically, replacing what was there.</summary>
    /// <inheritdoc cref="WriteAllText" path="/exception"/>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes) => Replace(path, bytes, static (content, stream) => stream.Write(content));

    /// <summary>Writes what <paramref name="write"/> writes to <paramref name="path"/> atomically, replacing what was there.</summary>
    /// <inheritdoc cref="WriteAllText" path="/exception"/>
    public static void Write(string path, Action<Stream> write) => Replace(path, write, static (content, stream) => content(stream));

    private static void Replace<T>(string path, T content, Action<T, Stream> write)
        where T : allows ref struct
    {
        var temporary = TemporaryName(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 0))
            {
                write(content, stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>What ends the name of a file that is being written; no text for users shows it.</summary>
    internal static string TemporarySuffix { get; } = $".{Environment.ProcessId}.tmp";

    /// <summary>The file that becomes <paramref name="path"/> by renaming.</summary>
    internal static string TemporaryName(string path) => path + TemporarySuffix;

    /// <summary>
    /// Forces a folder's entries to the disk, so that a rename in it survives a power cut. File systems that cannot do it
    /// (some network mounts) are left as they are.
    /// </summary>
    public static void SyncDirectory(string folder)
    {
        const int ReadOnlyDirectory = 0x10000; // O_RDONLY | O_DIRECTORY on Linux
        var descriptor = Open(folder, ReadOnlyDirectory);
        if (descriptor < 0)
        {
            return;
        }

        _ = FSync(descriptor);
        _ = Close(descriptor);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            // The first error is the one to report.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
