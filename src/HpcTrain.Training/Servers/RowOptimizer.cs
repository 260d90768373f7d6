using HpcTrain.Kernels;

namespace HpcTrain.Training.Servers;

/// <summary>
/// An optimizer of a table's rows that is lazy: a row that gets no gradient is not touched, neither it nor its state. Rows that are seldom seen then keep what they have learned, where a dense
/// optimizer's momentum and decay would go on moving all of them in every step, and a step costs what its rows cost, not what the table does.
/// </summary>
public abstract class RowOptimizer
{
    /// <summary>What it is called, as "adagrad".</summary>
    public abstract string Name { get; }

    /// <summary>State buffers by name; empty until <see cref="Prepare"/>. The arrays are the live state: reading saves it, writing restores it.</summary>
    public virtual IReadOnlyDictionary<string, float[]> State { get; } = new Dictionary<string, float[]>();

    /// <summary>Allocates the state; zero at first.</summary>
    /// <param name="rows">Rows of the table that are here.</param>
    /// <param name="width">Elements of a row.</param>
    public abstract void Prepare(int rows, int width);

    /// <summary>Steps one row.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <param name="row">The row.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="rate">The learning rate.</param>
    public abstract void Step(int index, Span<float> row, ReadOnlySpan<float> gradient, double rate);
}

/// <summary>Plain SGD: row -= rate gradient.</summary>
public sealed class RowSgd : RowOptimizer
{
    /// <inheritdoc/>
    public override string Name => "sgd";

    /// <inheritdoc/>
    public override void Prepare(int rows, int width)
    {
    }

    /// <inheritdoc/>
    public override void Step(int index, Span<float> row, ReadOnlySpan<float> gradient, double rate)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] -= (float)rate * gradient[i];
        }
    }
}

/// <summary>
/// Adagrad as torch.optim computes it: sum += gradient^2; row -= rate gradient / (sqrt(sum) + epsilon) (Duchi, Hazan and Singer, JMLR 2011). It suits rows that are seen seldom: their
/// steps stay long.
/// </summary>
/// <param name="epsilon">Added to the root.</param>
public sealed class RowAdagrad(double epsilon = 1e-10) : RowOptimizer
{
    private float[] _sums = [];

    /// <inheritdoc/>
    public override string Name => "adagrad";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> State => new Dictionary<string, float[]> { ["sums"] = _sums };

    /// <inheritdoc/>
    public override void Prepare(int rows, int width) => _sums = new float[checked(rows * width)];

    /// <inheritdoc/>
    public override void Step(int index, Span<float> row, ReadOnlySpan<float> gradient, double rate)
    {
        var sums = _sums.AsSpan(index * row.Length, row.Length);
        for (var i = 0; i < row.Length; i++)
        {
            sums[i] += gradient[i] * gradient[i];
            row[i] -= (float)(rate * gradient[i] / (MathF.Sqrt(sums[i]) + epsilon));
        }
    }
}

/// <summary>Adam as <see cref="AdamKernels"/> computes it, with moments and a count of steps per row, so that the bias correction is right for rows that are seen seldom.</summary>
/// <param name="beta1">How much of the first moment is kept.</param>
/// <param name="beta2">How much of the second moment is kept.</param>
/// <param name="epsilon">Added to the root of the second moment.</param>
public sealed unsafe class RowAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) : RowOptimizer
{
    private float[] _mean = [];
    private float[] _square = [];
    private float[] _steps = []; // whole numbers, in the type of all state

    /// <inheritdoc/>
    public override string Name => "adam";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, float[]> State => new Dictionary<string, float[]> { ["mean"] = _mean, ["square"] = _square, ["steps"] = _steps };

    /// <inheritdoc/>
    public override void Prepare(int rows, int width)
        => (_mean, _square, _steps) = (new float[checked(rows * width)], new float[rows * width], new float[rows]);

    /// <inheritdoc/>
    public override void Step(int index, Span<float> row, ReadOnlySpan<float> gradient, double rate)
    {
        // The moments' slices are as long as the row.
        fixed (float* parameter = row, slope = gradient, mean = _mean.AsSpan(index * row.Length, row.Length), square = _square.AsSpan(index * row.Length, row.Length))
        {
            AdamKernels.Step(parameter, slope, mean, square, row.Length, (long)++_steps[index], rate, beta1, beta2, epsilon, 0, false);
        }
    }
}
