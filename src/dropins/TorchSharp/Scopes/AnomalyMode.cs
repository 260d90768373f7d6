using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>While it lives, a failing backward pass names the forward operation at fault.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool _wasEnabled = IsEnabled;
    private readonly bool _didCheckNaN = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => Set(enabled, check_nan);

    public static bool IsEnabled => Native.ht_anomaly_mode() != 0;

    public static bool ShouldCheckNaN => Native.ht_anomaly_check_nan() != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) Set(_wasEnabled, _didCheckNaN);
    }

    private static void Set(bool enabled, bool checkNaN) => Native.ht_set_anomaly_mode(enabled ? 1 : 0, checkNaN ? 1 : 0);
}
