using System.Text.Json;

namespace HpcTrain.Collectives;

/// <content>Reading.</content>
public sealed partial class TuningRules
{
    private static readonly JsonDocumentOptions s_reading =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    /// <summary>Reads a file of rules.</summary>
    /// <exception cref="ScheduleException">It cannot be read, or something in it is wrong: the sentence names the file and the place.</exception>
    public static TuningRules Load(string path)
    {
        try
        {
            return FromJson(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ScheduleException($"The tuning rules '{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads rules.</summary>
    /// <param name="json">The text of the file.</param>
    /// <param name="source">The file's name, for reasons and errors.</param>
    /// <exception cref="ScheduleException">Something is wrong: the sentence names the file and the place.</exception>
    public static TuningRules FromJson(string json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_reading);
            return Read(new(document.RootElement), source);
        }
        catch (JsonException error)
        {
            throw new ScheduleException($"The tuning rules '{source}' are not valid JSON: {JsonPlace.Fault(error)}", error);
        }
        catch (ScheduleException error)
        {
            throw new ScheduleException($"The tuning rules '{source}' are wrong. {error.Message}", error);
        }
    }

    private static TuningRules Read(JsonPlace file, string source)
    {
        file.CheckNames("$schema", "format", "version", "about", "collectives", "evidence");
        if (file["format"].Text() is var format && format != Format)
            throw file["format"].Wrong($"'{format}' is not '{Format}'");
        if (file["version"].Integer() is var version && version is < 1 or > Version)
            throw file["version"].Wrong($"version {version} is not known here; the newest is {Version}");
        _ = file.Optional("$schema")?.Text();
        var rules = new List<TuningRule>();
        foreach ((string name, JsonPlace list) in file["collectives"].Members())
        {
            CollectiveKind collective = ReadCollective(name, list);
            rules.AddRange(list.Items().Select(rule => ReadRule(collective, rule, source)));
        }

        TuningEvidence[] evidence = [.. (file.Optional("evidence")?.Items() ?? []).Select(ReadEvidence)];
        return new(rules, source, file.Optional("about")?.Text() ?? "", evidence);
    }

    private static CollectiveKind ReadCollective(string name, JsonPlace place)
    {
        int index = CollectiveKinds.Names.ToList().IndexOf(name);
        return index >= 0 ? (CollectiveKind)index : throw place.Wrong($"'{name}' is not one of {string.Join(", ", CollectiveKinds.Names)}");
    }

    private static TuningRule ReadRule(CollectiveKind collective, JsonPlace rule, string source)
    {
        rule.CheckNames("ranks_min", "ranks_max", "nodes_min", "nodes_max", "ranks_per_node_min", "ranks_per_node_max", "bytes_min", "bytes_max",
            "algorithm", "schedule", "segment_bytes");
        NumberRange ranks = ReadRange(rule, "ranks", 1);
        RuleSchedule? schedule = rule.Optional("schedule") is { } file ? ReadSchedule(collective, rule, file, ranks, source) : null;
        return new(collective, schedule?.Schedule.Algorithm ?? ReadAlgorithm(collective, rule["algorithm"]))
        {
            Schedule = schedule,
            Ranks = ranks,
            Nodes = ReadRange(rule, "nodes", 1),
            RanksPerNode = ReadRange(rule, "ranks_per_node", 1),
            Bytes = ReadRange(rule, "bytes", 0),
            SegmentBytes = rule.Optional("segment_bytes") is { } segment ? ReadNumber(segment, 1) : 0,
        };
    }

    private static RuleSchedule ReadSchedule(CollectiveKind collective, JsonPlace rule, JsonPlace place, NumberRange ranks, string source)
    {
        if (rule.Optional("algorithm") != null)
            throw rule.Wrong("a rule has an 'algorithm' or a 'schedule', not both");
        RuleSchedule found;
        try
        {
            found = RuleSchedule.Load(place.Text(), source);
        }
        catch (ScheduleException error)
        {
            throw place.Wrong(error.Message.TrimEnd('.'));
        }

        if (found.Schedule.Collective != collective)
            throw place.Wrong($"{found.File} is a schedule for {found.Schedule.Collective.Name()}, not for {collective.Name()}; put the rule there");
        return ranks.Contains(found.Schedule.Ranks) ? found
            : throw place.Wrong($"{found.File} is a schedule for {found.Schedule.Ranks} ranks, which the rule's ranks_min and ranks_max leave out, so the rule would never match");
    }

    private static string ReadAlgorithm(CollectiveKind collective, JsonPlace place)
    {
        string name = place.Text();
        string? algorithm;
        try
        {
            algorithm = AlgorithmCatalog.Find(collective, name)?.Name;
        }
        catch (ScheduleException error)
        {
            throw place.Wrong(error.Message.TrimEnd('.'));
        }

        return algorithm ?? throw place.Wrong($"'{name}' is no algorithm but the choice where no rule matches; name an algorithm, or leave the rule out");
    }

    private static NumberRange ReadRange(JsonPlace rule, string name, long least)
    {
        NumberRange any = NumberRange.Any;
        long from = rule.Optional($"{name}_min") is { } min ? ReadNumber(min, least) : any.Least;
        JsonPlace? max = rule.Optional($"{name}_max");
        long to = max != null ? ReadNumber(max, least) : any.Most;
        return to >= from ? new(from, to) : throw max!.Wrong($"{to} is below {name}_min, which is {from}, so the rule would never match");
    }

    private static long ReadNumber(JsonPlace place, long least) =>
        place.Long() is var number && number >= least ? number : throw place.Wrong($"{number} is too small; the least is {least}");

    private static TuningEvidence ReadEvidence(JsonPlace row)
    {
        row.CheckNames("collective", "algorithm", "segment_bytes", "ranks", "nodes", "bytes", "us", "rounds");
        CollectiveKind collective = ReadCollective(row["collective"].Text(), row["collective"]);
        return new(collective, row["algorithm"].Text(), ReadNumber(row["segment_bytes"], 0), ReadCount(row["ranks"]), ReadCount(row["nodes"]),
            ReadNumber(row["bytes"], 0), row["us"].Number(), ReadCount(row["rounds"]));
    }

    private static int ReadCount(JsonPlace place) =>
        place.Integer() is var number && number >= 1 ? number : throw place.Wrong($"{number} is too small; the least is 1");
}
