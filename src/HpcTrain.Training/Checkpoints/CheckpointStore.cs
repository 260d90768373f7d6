using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Runs;

namespace HpcTrain.Training.Checkpoints;

/// <summary>
/// Checkpoints of one run: folders <c>step-NNNNNNNN</c>, each either whole or not there. A checkpoint is written into a
/// hidden folder, every file is forced to the disk, the marker <c>COMPLETE</c> with sizes and SHA-256 of all files comes
/// last, then the folder is renamed. A full disk or a crash leaves the checkpoints before it untouched. One writer.
/// </summary>
/// <param name="folder">The folder that holds the checkpoints; made when the first one is saved.</param>
/// <param name="keep">How many checkpoints to keep; older ones are deleted after a newer one is safe.</param>
public sealed class CheckpointStore(string folder, int keep)
{
    private const string Marker = "COMPLETE";
    private const string Prefix = "step-";
    private const string TemporaryPrefix = ".writing-";
    private const string FormerPrefix = ".former-";

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="step">Optimizer steps done; names the checkpoint.</param>
    /// <param name="files">File names and what writes each.</param>
    /// <returns>The checkpoint's folder.</returns>
    /// <exception cref="CheckpointException">Disk full, no permission; earlier checkpoints are untouched.</exception>
    public string Save(long step, IReadOnlyList<(string Name, Action<Stream> Write)> files)
    {
        var final = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}"));
        var temporary = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{TemporaryPrefix}{step:D8}"));
        try
        {
            Directory.CreateDirectory(folder);
            DeleteIfThere(temporary);
            Directory.CreateDirectory(temporary);
            var entries = files.Select(f => WriteFile(temporary, f.Name, f.Write)).ToArray();
            WriteFile(temporary, Marker, stream => JsonSerializer.Serialize(stream, new CheckpointMarker(1, entries), CheckpointJson.Default.CheckpointMarker));
            AtomicFile.SyncDirectory(temporary);
            Replace(temporary, final);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            TryDelete(temporary);
            var last = Newest() is [var newest, ..] ? newest : null;
            throw new CheckpointException(
                RunException.FromIo("write the checkpoint", final, e).Message
                + (last is null ? "" : $" The last good checkpoint is {last}; continue from it with --resume."),
                e);
        }

        // Counted from the one just written: newer ones are damaged, or the run would not have gone back behind them.
        foreach (var old in Newest().SkipWhile(path => path != final).Skip(keep))
        {
            TryDelete(old);
        }

        return final;
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

/// <summary>One file of a checkpoint.</summary>
internal sealed record CheckpointFile(string Name, long Bytes, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckpointMarker))]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
