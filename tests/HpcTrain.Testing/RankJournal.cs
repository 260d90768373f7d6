using System.Text.Json;

namespace HpcTrain.Testing;

/// <summary>How a rank test ended.</summary>
internal enum RankOutcome
{
    Passed,
    Skipped,
    Failed,
}

/// <summary>One line of a rank's journal: a test started (no outcome) or ended.</summary>
internal sealed record RankEntry(string Test, RankOutcome? Outcome, string? Message, DateTime Time);

/// <summary>
/// A rank's record of its tests, one JSON line per event, written through at once: what a rank that crashes or hangs did
/// last can be read from outside.
/// </summary>
internal sealed class RankJournal : IDisposable
{
    private readonly StreamWriter _writer;

    public RankJournal(string folder, int rank) =>
        _writer = new StreamWriter(new FileStream(PathOf(folder, rank), FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            AutoFlush = true,
        };

    public static IReadOnlyList<RankEntry> Read(string folder, int rank)
    {
        var path = PathOf(folder, rank);
        if (!File.Exists(path))
            return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();

        // A line without its end is still being written.
        var complete = text[..(text.LastIndexOf('\n') + 1)];
        return [.. complete.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<RankEntry>(line)!)];
    }

    public void Started(string test) => Write(new(test, null, null, DateTime.UtcNow));

    public void Ended(string test, RankOutcome outcome, string? message) => Write(new(test, outcome, message, DateTime.UtcNow));

    public void Dispose() => _writer.Dispose();

    private static string PathOf(string folder, int rank) => Path.Combine(folder, $"{rank}.journal");

    private void Write(RankEntry entry) => _writer.WriteLine(JsonSerializer.Serialize(entry));
}
