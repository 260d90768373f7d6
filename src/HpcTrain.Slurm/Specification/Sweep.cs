using System.Text.Json;
using HpcTrain.Runs;

namespace HpcTrain.Slurm;

/// <summary>The parameters of a sweep from JSON: a list of tasks, <c>[{"seed": 1}, {"seed": 2, "model": "mlp"}]</c>, or the values of each option, of which every combination becomes a
/// task, the last option changing fastest: <c>{"learning-rate": [0.01, 0.03], "seed": [1, 2, 3]}</c>.</summary>
public static class Sweep
{
    private const int MostTasks = 10_000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Options with their values for each task.</returns>
    /// <exception cref="SlurmException">It cannot be read or is no sweep.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw new SlurmException(SlurmFault.BadFile, $"the sweep {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <returns>Options with their values for each task.</returns>
    /// <exception cref="SlurmException">It is no sweep.</exception>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Parse(string json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            List<IReadOnlyDictionary<string, string>> tasks = root.ValueKind switch
            {
                JsonValueKind.Array => [.. root.EnumerateArray().Select(TextValuesConverter.Read)],
                JsonValueKind.Object => Combinations(root),
                _ => throw new JsonException("neither a list of tasks nor options with lists of values"),
            };
            return tasks.Count is > 0 and <= MostTasks ? tasks : throw new JsonException($"it has {tasks.Count} tasks; 1 to {MostTasks} are possible");
        }
        catch (JsonException e)
        {
            throw new SlurmException(SlurmFault.BadFile, $"{source} is no sweep: {e.Message}", e);
        }
    }

    private static List<IReadOnlyDictionary<string, string>> Combinations(JsonElement options)
    {
        List<IReadOnlyDictionary<string, string>> tasks = [new Dictionary<string, string>()];
        foreach (JsonProperty option in options.EnumerateObject())
        {
            if (option.Value.ValueKind != JsonValueKind.Array)
                throw new JsonException($"{option.Name} must have a list of values, as [1, 2]");
            List<string?> values = [.. option.Value.EnumerateArray().Select(value => TextValuesConverter.Text(option.Name, value))];
            if ((long)tasks.Count * values.Count > MostTasks)
                throw new JsonException($"its combinations are more than {MostTasks}");
            tasks = [.. tasks.SelectMany(task => values.Select(value => (IReadOnlyDictionary<string, string>)(
                value is null ? task.ToDictionary() : new Dictionary<string, string>(task) { [option.Name] = value })))];
        }
        return tasks;
    }
}
