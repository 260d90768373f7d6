using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using HpcTrain.Pipelines.Files;

namespace HpcTrain.Pipelines;

/// <summary>Which layers are which chunk, and where: what a runtime builds a rank's part of the model by.</summary>
/// <param name="Cuts">The first layer of each chunk, and behind the last chunk the number of layers.</param>
/// <param name="Placement">The rank of each chunk.</param>
public sealed record ModelCut(ImmutableArray<int> Cuts, ImmutableArray<int> Placement)
{
    /// <summary>What stands under <c>format</c> in every file.</summary>
    public const string Format = "hpctrain-partition";

    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    /// <summary>The number of layers of the model.</summary>
    public int Layers => Cuts[^1];

    /// <summary>The layers of a chunk.</summary>
    public Range LayersOf(int chunk) => Cuts[chunk]..Cuts[chunk + 1];

    /// <summary>The cut as a JSON file, one line per chunk.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"format\": \"{Format}\", \"version\": {Version}, \"layers\": {Layers},\n  \"chunks\": [");
        for (int chunk = 0; chunk < Placement.Length; chunk++)
            text.Append(CultureInfo.InvariantCulture, $"{(chunk == 0 ? "" : ",")}\n    {{\"chunk\": {chunk}, \"rank\": {Placement[chunk]}, \"first_layer\": {Cuts[chunk]}}}");
        return text.Append("\n  ]\n}\n").ToString();
    }

    /// <summary>Reads a cut.</summary>
    /// <exception cref="PipelineException">It is not JSON or not a cut; the message names the place.</exception>
    public static ModelCut FromJson(string json) => JsonPlace.Read(json, "The partition", Format, Version, file =>
    {
        file.CheckNames("format", "version", "layers", "chunks");
        var cuts = new List<int>();
        var placement = new List<int>();
        int layers = file["layers"].Integer();
        foreach (JsonPlace chunk in file["chunks"].Items())
        {
            chunk.CheckNames("chunk", "rank", "first_layer");
            if (chunk["chunk"].Integer() != cuts.Count)
                throw chunk["chunk"].Wrong($"chunk {cuts.Count} is expected; chunks are in their order");
            int first = chunk["first_layer"].Integer();
            if (cuts.Count == 0 ? first != 0 : first <= cuts[^1] || first >= layers)
                throw chunk["first_layer"].Wrong(cuts.Count == 0 ? "the first chunk begins with layer 0" : $"a layer from {cuts[^1] + 1} to {layers - 1} is expected");
            if (chunk["rank"].Integer() < 0)
                throw chunk["rank"].Wrong("ranks are numbered from 0");
            cuts.Add(first);
            placement.Add(chunk["rank"].Integer());
        }

        if (cuts.Count == 0 || layers < 1)
            throw file["chunks"].Wrong("at least one chunk and one layer are needed");
        return new ModelCut([.. cuts, layers], [.. placement]);
    });

    /// <summary>Reads a cut from a file.</summary>
    /// <exception cref="PipelineException">There is no such file, or it is not a cut.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static ModelCut Load(string path) => InputFile.Read("partition", path, FromJson);
}
