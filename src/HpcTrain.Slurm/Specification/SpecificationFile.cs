using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HpcTrain.CommandLine;
using HpcTrain.Runs;

namespace HpcTrain.Slurm;

/// <summary>
/// Specifications as JSON: the properties of <see cref="JobSpecification"/> in snake_case. <c>{"name": "cnn", "program": "artifacts/bin/fashion-mnist", "nodes": "2-4", "requeue": {}}</c>.
/// </summary>
public static class SpecificationFile
{
    /// <summary>Reads a file; relative paths in it stay as they are.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SlurmException">It cannot be read, is no JSON, or does not describe a job.</exception>
    public static JobSpecification Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (RunException.IsIo(e))
        {
            throw new SlurmException(SlurmFault.BadFile, $"the specification {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <exception cref="SlurmException">It is no JSON, or does not describe a job.</exception>
    public static JobSpecification Parse(string json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            CheckNames(document.RootElement, SpecificationJson.Default.JobSpecification.Properties.Select(property => property.Name), source);
            if (document.RootElement.TryGetProperty("requeue", out JsonElement requeue) && requeue.ValueKind == JsonValueKind.Object)
                CheckNames(requeue, SpecificationJson.Default.RequeuePolicy.Properties.Select(property => property.Name), $"{source}: requeue");
            JobSpecification job = WithDefaults(document.RootElement).Deserialize(SpecificationJson.Default.JobSpecification)!;
            SpecificationCheck.Check(job);
            return job;
        }
        catch (JsonException e)
        {
            throw new SlurmException(SlurmFault.BadFile, $"{source} is no specification of a job: {e.Message}", e);
        }
        catch (SlurmException e) when (!e.Message.StartsWith(source, StringComparison.Ordinal))
        {
            throw new SlurmException(e.Fault, $"{source}: {e.Message}", e);
        }
    }

    /// <summary>The text of a specification, which <see cref="Parse"/> reads back.</summary>
    /// <param name="job">The specification.</param>
    public static string ToJson(JobSpecification job) => JsonSerializer.Serialize(job, SpecificationJson.Default.JobSpecification) + "\n";

    /// <summary>Generated readers set a property that the text does not have to nothing, whatever its default is: so the defaults are written into the text.</summary>
    private static JsonObject WithDefaults(JsonElement given)
    {
        var job = (JsonObject)JsonSerializer.SerializeToNode(new JobSpecification { Name = "", Program = "" }, SpecificationJson.Default.JobSpecification)!;
        job.Remove("name");
        job.Remove("program");
        Lay(given, job);
        if (given.TryGetProperty("requeue", out JsonElement requeue) && requeue.ValueKind == JsonValueKind.Object)
        {
            var policy = (JsonObject)JsonSerializer.SerializeToNode(new RequeuePolicy(), SpecificationJson.Default.RequeuePolicy)!;
            Lay(requeue, policy);
            job["requeue"] = policy;
        }
        return job;

        static void Lay(JsonElement from, JsonObject onto)
        {
            foreach (JsonProperty property in from.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null))
                onto[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        }
    }

    private static void CheckNames(JsonElement element, IEnumerable<string> known, string source)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SlurmException(SlurmFault.BadFile, $"{source} is no specification of a job: it must be an object with a name and a program");
        string[] names = [.. known];
        foreach (JsonProperty property in element.EnumerateObject().Where(property => !names.Contains(property.Name)))
        {
            string meant = NearestName.Find(property.Name, names) is { } near ? $" (did you mean '{near}'?)" : "";
            throw new SlurmException(SlurmFault.BadFile, $"{source} has '{property.Name}', which no job has{meant}; there are {string.Join(", ", names)}");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TextValuesConverter), typeof(TextValuesListConverter)])]
[JsonSerializable(typeof(JobSpecification))]
[JsonSerializable(typeof(RequeuePolicy))]
internal sealed partial class SpecificationJson : JsonSerializerContext;
