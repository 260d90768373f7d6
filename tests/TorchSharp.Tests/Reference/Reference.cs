using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpTests;

/// <summary>What PyTorch computes, from reference.json; make_reference.py wrote it and says what each entry is.</summary>
internal static class Reference
{
    private static readonly Dictionary<string, double[]> Entries = JsonSerializer.Deserialize<Dictionary<string, double[]>>(Open("reference.json"))!;

    /// <summary>Whether the real package is under test, not the drop-in.</summary>
    public static bool IsUpstream { get; } = typeof(torch).Assembly.GetType("TorchSharp.Interop.Op") is null;

    public static double[] Get(string name) => Entries[name];

    /// <summary>The tensor sin(0.7 i + phase), which make_reference.py makes too.</summary>
    public static Tensor Wave(long[] shape, double phase = 0, ScalarType dtype = ScalarType.Float64)
    {
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++) values[i] = Math.Sin((0.7 * i) + phase);
        using var flat = tensor(values, dtype: dtype);
        return flat.reshape(shape);
    }

    /// <summary>Gives all parameters but those of norms the values that make_reference.py's start_from_waves gives them.</summary>
    public static T FromWaves<T>(T module) where T : nn.Module
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (place, (name, parameter)) in module.named_parameters().Index())
            if (!name.Contains("norm", StringComparison.Ordinal)) parameter.copy_(Wave(parameter.shape, place) * 0.3);
        return module;
    }

    /// <summary>The elements in row-major order.</summary>
    public static double[] Values(Tensor tensor)
    {
        if (tensor.NumberOfElements == 0) return [];
        using var plain = tensor.detach().to(ScalarType.Float64).contiguous();
        return plain.data<double>().ToArray();
    }

    public static Stream Open(string file) => typeof(Reference).Assembly.GetManifestResourceStream(file)!;
}
