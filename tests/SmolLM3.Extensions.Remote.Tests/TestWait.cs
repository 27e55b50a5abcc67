namespace SmolLM3.Extensions.Remote.Tests;

/// <summary>Waits for what another thread does.</summary>
internal static class TestWait
{
    public static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
