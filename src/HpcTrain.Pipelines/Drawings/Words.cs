using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Pipelines.Drawings;

/// <summary>What the time axis of a drawing counts.</summary>
internal enum TimeScale
{
    Slots,
    Seconds,
}

/// <summary>Numbers as drawings and reports write them.</summary>
internal static class Words
{
    /// <summary>A share, for example <c>27.3%</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0}%");

    /// <summary>A number with at most two decimals.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A duration.</summary>
    public static string Time(double value, TimeScale scale) => scale == TimeScale.Slots ? $"{Number(value)} slots" : Unit.Seconds.Format(value);
}
