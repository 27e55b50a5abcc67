namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Thrown when a system text holds <c>/system_override</c> and the request has tools: that flag replaces the whole
/// header, the tool descriptions included, so the model would never hear of the tools.
/// </summary>
public sealed class SystemOverrideException : InvalidOperationException
{
    /// <summary>Makes the exception with the message that says what to do.</summary>
    public SystemOverrideException()
        : base("The system text holds /system_override and the request has tools. The override replaces the whole "
            + "header of the prompt, tool descriptions included, so the tools would be dropped silently. Remove "
            + "/system_override from the system text, or send the request without tools and describe them yourself.")
    {
    }
}
