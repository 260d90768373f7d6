using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Runs;

namespace HpcTrain.Training.Checkpoints;

/// <summary>
/// Checkpoints of one run: folders <c>step-NNNNNNNN</c>, each either whole or not there. A checkpoint is written into a
/// hidden folder, every file is forced to the disk, the marker <c>COMPLETE</c> with sizes and SHA-256 of all files comes
/// last, then the folder is renamed. A full disk or a crash leaves the checkpoints before it untouched. One process begins and ends a
/// checkpoint; several may write into it.
/// </summary>
/// <param name="folder">The folder that holds the checkpoints; made when the first one is saved.</param>
/// <param name="keep">How many checkpoints to keep; older ones are deleted after a newer one is safe.</param>
public sealed class CheckpointStore(string folder, int keep)
{
    private const string Marker = "COMPLETE";
    private const string Prefix = "step-";
    private const string TemporaryPrefix = ".writing-";
    private const string FormerPrefix = ".former-";

    /// <summary>Writes a checkpoint, all by one process: <see cref="Begin"/>, <see cref="Write"/> and <see cref="Commit"/>.</summary>
    /// <param name="step">Optimizer steps done; names the checkpoint.</param>
    /// <param name="files">File names and what writes each.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="CheckpointException">Disk full, no permission; earlier checkpoints are untouched.</exception>
    public string Save(long step, IReadOnlyList<(string Name, Action<Stream> Write)> files)
    {
        Begin(step);
        try
        {
            return Commit(step, Write(step, files));
        }
        catch (CheckpointException)
        {
            GiveUp(step);
            throw;
        }
    }

    /// <summary>Makes room for a checkpoint; by one process, before others write into it.</summary>
    /// <exception cref="CheckpointException">No permission, for example.</exception>
    public void Begin(long step) => Guarded(step, () =>
    {
        Directory.CreateDirectory(folder);
        DeleteIfThere(Temporary(step));
        return Directory.CreateDirectory(Temporary(step));
    });

    /// <summary>Writes files of a checkpoint that was begun, forced to the disk; by any process, each with names of its own.</summary>
    /// <returns>What <see cref="Commit"/> has to be told.</returns>
    /// <exception cref="CheckpointException">Disk full, for example; earlier checkpoints are untouched, and one process should <see cref="GiveUp"/> this one.</exception>
    public IReadOnlyList<CheckpointFile> Write(long step, IReadOnlyList<(string Name, Action<Stream> Write)> files)
        => Guarded(step, () => files.Select(f => WriteFile(Temporary(step), f.Name, f.Write)).ToArray());

    /// <summary>Removes a checkpoint that was begun and cannot be written.</summary>
    public void GiveUp(long step) => TryDelete(Temporary(step));

    /// <summary>Lets a checkpoint count, after all processes have written their files; by one process. Old ones are deleted.</summary>
    /// <param name="step">The step that it was begun with.</param>
    /// <param name="entries">What all calls of <see cref="Write"/> have returned.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="CheckpointException">Disk full, for example; earlier checkpoints are untouched.</exception>
    public string Commit(long step, IReadOnlyList<CheckpointFile> entries)
    {
        var final = Final(step);
        Guarded(step, () =>
        {
            WriteFile(Temporary(step), Marker, stream => JsonSerializer.Serialize(stream, new CheckpointMarker(1, entries), CheckpointJson.Default.CheckpointMarker));
            AtomicFile.SyncDirectory(Temporary(step));
            Replace(Temporary(step), final);
            return final;
        });

        // Counted from the one just written: newer ones are damaged, or the run would not have gone back behind them.
        foreach (var old in Newest().SkipWhile(path => path != final).Skip(keep))
        {
            TryDelete(old);
        }

        return final;
    }

    private string Final(long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));

    private string Temporary(long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{TemporaryPrefix}{step:D8}"));

    private T Guarded<T>(long step, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            var last = Newest() is [var newest, ..] ? newest : null;
            throw new CheckpointException(
                RunException.FromIo("write the checkpoint", Final(step), e).Message
                + (last is null ? "" : $" The last good checkpoint is {last}; continue from it with --resume."),
                e);
        }
    }

    /// <summary>Puts a whole checkpoint in its place; one of the same step, from before a resume, leaves only then.</summary>
    private void Replace(string temporary, string final)
    {
        var former = Path.Combine(folder, FormerPrefix + Path.GetFileName(final));
        DeleteIfThere(former);
        if (Directory.Exists(final))
        {
            Directory.Move(final, former);
        }

        Directory.Move(temporary, final);
        AtomicFile.SyncDirectory(folder);
        TryDelete(former);
    }

    /// <summary>The checkpoints' folders, newest first, not verified.</summary>
    public IReadOnlyList<string> Newest()
        => Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder, Prefix + "*").OrderByDescending(path => path.Length).ThenByDescending(path => path, StringComparer.Ordinal)]
            : [];

    /// <summary>The newest checkpoint that is whole, or null. Damaged ones are passed over and told of.</summary>
    /// <param name="warn">Receives a sentence for each damaged checkpoint.</param>
    public string? NewestWhole(Action<string> warn)
    {
        foreach (var candidate in Newest())
        {
            if (Damage(candidate) is not { } damage)
            {
                return candidate;
            }

            warn($"the checkpoint {candidate} is damaged ({damage}); looking for one before it.");
        }

        return null;
    }

    /// <summary>What is wrong with a checkpoint, or null when every file has the recorded size and SHA-256.</summary>
    public static string? Damage(string checkpoint)
    {
        try
        {
            var markerPath = Path.Combine(checkpoint, Marker);
            if (!File.Exists(markerPath))
            {
                return "its completeness marker is missing";
            }

            var marker = JsonSerializer.Deserialize(File.ReadAllBytes(markerPath), CheckpointJson.Default.CheckpointMarker);
            foreach (var entry in marker?.Files ?? throw new JsonException())
            {
                var file = new FileInfo(Path.Combine(checkpoint, entry.Name));
                if (!file.Exists)
                {
                    return $"{entry.Name} is missing";
                }

                if (file.Length != entry.Bytes)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{entry.Name} has {file.Length} bytes instead of {entry.Bytes}");
                }

                using var stream = file.OpenRead();
                if (Convert.ToHexStringLower(SHA256.HashData(stream)) != entry.Sha256)
                {
                    return $"the checksum of {entry.Name} is wrong";
                }
            }

            return null;
        }
        catch (JsonException)
        {
            return "its completeness marker is unreadable";
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            return e.Message.TrimEnd('.');
        }
    }

    private static CheckpointFile WriteFile(string folder, string name, Action<Stream> write)
    {
        var path = Path.Combine(folder, name);
        using (var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        using var written = File.OpenRead(path);
        return new CheckpointFile(name, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }

    private static void DeleteIfThere(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            DeleteIfThere(path);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            // A hidden folder is never read as a checkpoint, and one too many does no harm; the next save tries again.
        }
    }
}

/// <summary>The completeness marker: what the checkpoint consists of.</summary>
internal sealed record CheckpointMarker(int Version, IReadOnlyList<CheckpointFile> Files);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckpointMarker))]
[JsonSerializable(typeof(CheckpointFile[]))]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
