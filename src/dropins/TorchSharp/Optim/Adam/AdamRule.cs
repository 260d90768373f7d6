using TorchSharp.Interop;

namespace TorchSharp.Modules;

/// <summary>The settings of one step of Adam's family; see native/optim.cpp for the arithmetic.</summary>
internal readonly record struct AdamRule(
    double LearningRate, double Beta1, double Beta2, double Eps, double WeightDecay, bool Decoupled, bool Maximize)
{
    /// <summary>Steps once every parameter that has a gradient, and counts that in <paramref name="steps"/>.</summary>
    public unsafe void Step(nint[] parameters, nint[] means, nint[] squares, nint[] largest, long[] steps)
    {
        fixed (nint* parameter = parameters, mean = means, square = squares, most = largest)
        fixed (long* step = steps)
            Native.Check(Native.ht_adam_step(
                parameter, mean, square, most, step, parameters.Length, LearningRate, Beta1, Beta2, Eps, WeightDecay,
                Decoupled ? 1 : 0, Maximize ? 1 : 0));
    }

    public static void CheckBeta(double value, string name)
    {
        if (value is < 0 or >= 1) throw new ArgumentException($"Invalid {name} value: {value}", name);
    }
}
