using System.Security.Cryptography;

namespace HpcTrain.Collectives;

/// <summary>The schedule that a rule has its calls done by: a plan for given links, or any other schedule in a file. Equal where file and content are.</summary>
public sealed class RuleSchedule : IEquatable<RuleSchedule>
{
    private readonly string _digest;

    private RuleSchedule(string file, string digest, Schedule schedule) => (File, _digest, Schedule) = (file, digest, schedule);

    /// <summary>The file as the rule names it: as a path from where the rules are, if it is not absolute.</summary>
    public string File { get; }

    /// <summary>What is in it; it has been verified.</summary>
    public Schedule Schedule { get; }

    /// <summary>Reads the file that a rule names, and verifies what is in it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">The file of the rules, from whose folder a relative path leads.</param>
    /// <exception cref="ScheduleException">There is no such file, it cannot be read, it is not a schedule, or the schedule is wrong.</exception>
    public static RuleSchedule Load(string file, string source)
    {
        string path = Path.Combine(Path.GetDirectoryName(source) ?? "", file);
        try
        {
            Schedule schedule = ScheduleFile.Load(path);
            return new(file, Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(path))), schedule);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ScheduleException($"The schedule {path} cannot be read: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public bool Equals(RuleSchedule? other) => other != null && File == other.File && _digest == other._digest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RuleSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(File, _digest);

    /// <summary>File and content in short: rules with different ones are different rules.</summary>
    public override string ToString() => $"{File} ({_digest})";
}
