using System.Runtime.InteropServices;
using HpcTrain.CommandLine;
using HpcTrain.Runs;

namespace HpcTrain.Cli.CommandLine;

/// <summary>Files that a command writes: there as a whole or not at all, except where the path is no file but a device or a pipe.</summary>
internal static partial class OutputFile
{
    /// <summary>Writes text (UTF-8), replacing what was there.</summary>
    /// <param name="what">What is written, for the error, as "the drawing".</param>
    /// <param name="path">The file; a link is followed.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="RunException">It cannot be written; the message says why and what to do.</exception>
    public static void Write(string what, string path, string text)
    {
        if (path.Length == 0)
            throw new UsageException("--out names no file");
        if (Directory.Exists(path))
            throw new RunException($"cannot write {what} at {path}: it is a folder; name a file in it.");
        try
        {
            if (!File.Exists(path))
                AtomicFile.WriteAllText(path, text);
            else if (IsRegular(path))
                AtomicFile.WriteAllText(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path, text);
            else
                File.WriteAllText(path, text);
        }
        catch (Exception error) when (RunException.IsIo(error))
        {
            throw RunException.FromIo($"write {what}", path, error);
        }
    }

    /// <summary>Whether the path is a file on a disk, which may be replaced by another one.</summary>
    private static unsafe bool IsRegular(string path)
    {
        // struct statx has the same layout on every machine: 256 bytes, stx_mode at 28.
        const int CurrentFolder = -100, TypeMask = 0xf000, Regular = 0x8000;
        const uint Mode = 0x3;
        var status = stackalloc byte[256];
        return StatX(CurrentFolder, path, 0, Mode, status) == 0 && (*(ushort*)(status + 28) & TypeMask) == Regular;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* status);
}
