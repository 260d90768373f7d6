using System.Runtime.InteropServices;

namespace HpcTrain.Runs;

/// <summary>
/// Files whose names a user gives: there as a whole or not at all, except where the path is no file but a device or a pipe, which is written to and stays
/// what it is. Links are followed, to a file that is yet to be made, too.
/// </summary>
public static partial class OutputFile
{
    private const int WriteAccess = 2; // W_OK

    /// <summary>Says why a path cannot be written, without changing what is there; null when nothing speaks against it.</summary>
    /// <param name="what">What will be written, for the sentence, as "the drawing".</param>
    /// <param name="path">The path as the user gave it.</param>
    public static string? Problem(string what, string path)
    {
        if (NoFile(what, path) is { } mistake)
            return mistake.Message;
        try
        {
            // To open a pipe is to wait for its reader, and some devices do something when they are opened.
            if (IsStream(path))
                return Access(path, WriteAccess) == 0 ? null : RunException.FromIo($"write {what}", path, new UnauthorizedAccessException()).Message;
            var probe = AtomicFile.TemporaryName(TargetOf(path));
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
            }

            return null;
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            return Failure(what, path, error).Message;
        }
    }

    /// <summary>Writes text (UTF-8), replacing what was there.</summary>
    /// <param name="what">What is written, for the error, as "the drawing".</param>
    /// <param name="path">The file; a link is followed.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RunException">It cannot be written; the message says why and what to do.</exception>
    public static void Write(string what, string path, string text)
    {
        if (NoFile(what, path) is { } mistake)
            throw mistake;
        try
        {
            if (IsStream(path))
                File.WriteAllText(path, text);
            else
                AtomicFile.WriteAllText(TargetOf(path), text);
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw Failure(what, path, error);
        }
    }

    /// <summary>Writes what is too long to be held in memory, replacing what was there.</summary>
    /// <param name="what">What is written, for the error, as "the timeline".</param>
    /// <param name="path">The file; a link is followed.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="RunException">It cannot be written; the message says why and what to do.</exception>
    public static void Write(string what, string path, Action<Stream> write)
    {
        if (NoFile(what, path) is { } mistake)
            throw mistake;
        try
        {
            if (!IsStream(path))
            {
                AtomicFile.Write(TargetOf(path), write);
                return;
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Write);
            write(stream);
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw Failure(what, path, error);
        }
    }

    /// <summary>Whether there is something at the path, or where a link leads, that is no file on a disk, which may be replaced: a device or a pipe.</summary>
    public static unsafe bool IsStream(string path)
    {
        // struct statx has the same layout on every machine: 256 bytes, stx_mode at 28.
        const int CurrentFolder = -100, TypeMask = 0xf000, Regular = 0x8000;
        const uint Mode = 0x3;
        var status = stackalloc byte[256];
        return StatX(CurrentFolder, path, 0, Mode, status) == 0 && (*(ushort*)(status + 28) & TypeMask) != Regular;
    }

    private static string TargetOf(string path) =>
        new FileInfo(path).LinkTarget == null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    private static RunException? NoFile(string what, string path) => path.Length == 0 ? new($"cannot write {what}: the name of its file is empty; name a file.")
        : Directory.Exists(path) ? new($"cannot write {what} at {path}: it is a folder; name a file in it.") : null;

    // What is to be made cannot be missing: such a folder (/proc, for one) takes no files.
    private static RunException Failure(string what, string path, Exception error) => error is FileNotFoundException
        ? new($"cannot write {what} at {path}: no file can be made in its folder; choose another one.", error)
        : RunException.FromIo($"write {what}", path, error);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
