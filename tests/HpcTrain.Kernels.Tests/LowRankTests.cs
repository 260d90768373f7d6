namespace HpcTrain.Kernels.Tests;

/// <summary>Thin products against sums in f64; WidthTests compare their bits.</summary>
internal sealed unsafe class LowRankTests
{
    private static readonly (int Rows, int Columns, int Rank)[] Shapes =
        [(0, 5, 2), (5, 0, 2), (3, 4, 0), (1, 1, 1), (3, 15, 2), (4, 16, 4), (5, 17, 5), (9, 64, 3), (7, 100, 8), (33, 131, 9), (64, 200, 13), (6, 70, 300)];

    [TestCaseSource(nameof(Shapes))]
    public void Products_equal_the_definitions((int Rows, int Columns, int Rank) shape)
    {
        (int rows, int columns, int rank) = shape;
        var random = new Random(rows + columns);
        using GuardedArray matrix = Normal(rows * columns, random), p = Normal(rows * rank, random), q = Normal(rank * columns, random);
        using GuardedArray projected = new(ElementType.F32, rows * rank, 1), back = new(ElementType.F32, rank * columns, 2);
        using GuardedArray expanded = new(ElementType.F32, rows * columns, 3), rest = new(ElementType.F32, rows * columns, 5);
        back.Of<float>().Fill(9);
        float* m = (float*)matrix.Pointer;
        LowRankKernels.Project(m, rows, columns, (float*)q.Pointer, rank, (float*)projected.Pointer);
        LowRankKernels.ProjectBack(m, rows, columns, (float*)p.Pointer, rank, (float*)back.Pointer);
        LowRankKernels.Expand((float*)p.Pointer, (float*)q.Pointer, rows, columns, rank, (float*)expanded.Pointer);
        LowRankKernels.Subtract(m, (float*)p.Pointer, (float*)q.Pointer, rows, columns, rank, (float*)rest.Pointer);

        float[] mm = matrix.Of<float>().ToArray(), pp = p.Of<float>().ToArray(), qq = q.Of<float>().ToArray();
        double Sum(int count, Func<int, double> term) => Enumerable.Range(0, count).Sum(term);
        for (int k = 0; k < rank; k++)
        {
            for (int i = 0; i < rows; i++)
                Assert.That(projected.Of<float>()[i * rank + k], Is.EqualTo(Sum(columns, j => (double)mm[i * columns + j] * qq[k * columns + j])).Within(1e-4));
            for (int j = 0; j < columns; j++)
                Assert.That(back.Of<float>()[k * columns + j], Is.EqualTo(Sum(rows, i => (double)mm[i * columns + j] * pp[i * rank + k])).Within(1e-4));
        }
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double product = Sum(rank, k => (double)pp[i * rank + k] * qq[k * columns + j]);
                Assert.That(expanded.Of<float>()[i * columns + j], Is.EqualTo(product).Within(1e-4));
                Assert.That(rest.Of<float>()[i * columns + j], Is.EqualTo(mm[i * columns + j] - product).Within(1e-4));
            }
        }
        LowRankKernels.Subtract(m, (float*)p.Pointer, (float*)q.Pointer, rows, columns, rank, m);
        Assert.That(matrix.Of<float>().SequenceEqual(rest.Of<float>()), "in place");
        foreach (GuardedArray array in new[] { matrix, p, q, projected, back, expanded, rest }) array.AssertGuardsIntact();
    }

    [Test]
    public void Negative_shapes_are_named() =>
        Assert.That(() => LowRankKernels.Expand(null, null, 1, -1, 1, null), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("columns"));

    private static GuardedArray Normal(int count, Random random)
    {
        var array = new GuardedArray(ElementType.F32, count, count % 16);
        foreach (ref float value in array.Of<float>()) value = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
        return array;
    }
}
