using System.Globalization;
using System.Text.Json;
using HpcTrain.Pipelines.Files;

namespace HpcTrain.Pipelines;

/// <summary>Profiles as JSON files, one line per layer. Times are in milliseconds; <c>output_bytes</c> may be left out where messages do not matter.</summary>
/// <example>
/// <code>
/// {
///   "format": "hpctrain-profile", "version": 1,
///   "layers": [
///     {"name": "embedding", "forward_ms": 0.4, "backward_ms": 0.6, "activation_bytes": 1048576, "parameter_bytes": 131072, "output_bytes": 1048576},
///     ...
/// </code>
/// </example>
public static class LayerProfileJson
{
    /// <summary>What stands under <c>format</c> in every file.</summary>
    public const string Format = "hpctrain-profile";

    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    /// <summary>The profile as JSON.</summary>
    public static string ToJson(this LayerProfile profile)
    {
        IEnumerable<string> layers = profile.Layers.Select(layer => string.Create(CultureInfo.InvariantCulture,
            $"    {{\"name\": {JsonSerializer.Serialize(layer.Name)}, \"forward_ms\": {layer.Forward * 1e3:R}, \"backward_ms\": {layer.Backward * 1e3:R}, "
            + $"\"activation_bytes\": {layer.ActivationBytes}, \"parameter_bytes\": {layer.ParameterBytes}, \"output_bytes\": {layer.OutputBytes}}}"));
        return $"{{\n  \"format\": \"{Format}\", \"version\": {Version},\n  \"layers\": [\n{string.Join(",\n", layers)}\n  ]\n}}\n";
    }

    /// <summary>Reads a profile.</summary>
    /// <exception cref="PipelineException">It is not JSON or not a profile; the message names the place.</exception>
    public static LayerProfile FromJson(string json) => JsonPlace.Read(json, "The profile", Format, Version, file =>
    {
        file.CheckNames("format", "version", "layers");
        var profile = new LayerProfile([.. file["layers"].Items().Select(ReadLayer)]);
        return profile.Layers.IsEmpty ? throw file["layers"].Wrong("at least one layer is needed") : profile;
    });

    /// <summary>Reads a profile from a file.</summary>
    /// <exception cref="PipelineException">There is no such file, or it is not a profile.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static LayerProfile Load(string path) => InputFile.Read("profile", path, FromJson);

    private static LayerCost ReadLayer(JsonPlace layer, int number)
    {
        layer.CheckNames("name", "forward_ms", "backward_ms", "activation_bytes", "parameter_bytes", "output_bytes");
        return new(
            layer.Optional("name")?.Text() ?? $"layer {number}", layer["forward_ms"].Amount() / 1e3, layer["backward_ms"].Amount() / 1e3,
            layer["activation_bytes"].Bytes(), layer["parameter_bytes"].Bytes())
        {
            OutputBytes = layer.Optional("output_bytes")?.Bytes() ?? 0,
        };
    }
}
