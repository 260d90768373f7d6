using static TorchSharp.torch;

namespace TorchSharpTests.Core;

/// <summary>Short ways to make tensors of doubles and to read them back.</summary>
internal static class Values
{
    public static Tensor Vector(params double[] values) => tensor(values);

    public static Tensor Matrix(double[,] values) => tensor(values);

    public static double[] Read(Tensor tensor)
    {
        using var doubles = tensor.to_type(ScalarType.Float64);
        return doubles.data<double>().ToArray();
    }
}
