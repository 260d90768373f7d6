using System.Diagnostics;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>Arithmetic that takes a given time and touches no memory but its own few cache lines: what a rank does meanwhile.</summary>
internal sealed class Computation
{
    private const int Length = 256;

    private readonly float[] _values = new float[Length];
    private readonly double _secondsPerPass;

    /// <summary>Measures itself.</summary>
    public Computation()
    {
        Array.Fill(_values, 0.5f);
        _secondsPerPass = 1e-9;
        const int Passes = 2000;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long start = Stopwatch.GetTimestamp();
            Pass(Passes);
            _secondsPerPass = Stopwatch.GetElapsedTime(start).TotalSeconds / Passes;
        }
    }

    /// <summary>Computes for about that many seconds; at least one pass over its few numbers, a fraction of a microsecond.</summary>
    public void For(double seconds) => Pass(Math.Max(1, (long)(seconds / _secondsPerPass)));

    private void Pass(long passes)
    {
        float[] values = _values;
        for (long pass = 0; pass < passes; pass++)
        {
            // Stays near its fixed point, whatever the number of passes.
            for (int i = 0; i < values.Length; i++)
                values[i] = (values[i] * 0.75f) + 0.125f;
        }
    }
}
