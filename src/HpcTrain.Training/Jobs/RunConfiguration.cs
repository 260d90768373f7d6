using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Runs;

namespace HpcTrain.Training.Jobs;

/// <summary>The content of <c>config.json</c>: what the run was asked to do.</summary>
internal sealed record RunConfiguration
{
    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The options as given on the command line, with the ranks that started and the data's full path: what a resumed run starts from.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Every option with the value that holds, defaults included.</summary>
    public required IReadOnlyDictionary<string, string?> Options { get; init; }

    /// <summary>Ranks that started the run.</summary>
    public required int Ranks { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>The arguments that a run was started with.</summary>
    /// <exception cref="RunException">Its config.json cannot be read.</exception>
    public static IReadOnlyList<string> ReadArguments(RunFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(folder.Config), TrainingJson.Default.RunConfiguration)!.Arguments;
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw RunException.FromIo("read the configuration", folder.Config, e);
        }
        catch (JsonException e)
        {
            throw new RunException($"{folder.Config} is not the configuration of a run: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunConfiguration))]
[JsonSerializable(typeof(RunEnvironment))]
internal sealed partial class TrainingJson : JsonSerializerContext;
