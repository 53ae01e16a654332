#include "core/engine/value_cache.h"

#include <cstring>

namespace qs {

namespace {

__extension__ using Wide = unsigned __int128;

uint64_t mixed(uint64_t a, uint64_t b)
{
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

KeyBuilder& KeyBuilder::add(uint64_t word)
{
    m_high = mixed(m_high ^ word, 0xa0761d6478bd642f);
    m_low = mixed(m_low ^ (word * 0xe7037ed1a0b428db + 1), 0x8ebc6af09c88c6e3 ^ m_high);
    return *this;
}

KeyBuilder& KeyBuilder::add(std::span<const std::byte> bytes)
{
    size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        add(word);
    }
    uint64_t rest = 0;
    if (at < bytes.size())
        std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    return add(rest).add(static_cast<uint64_t>(bytes.size()));
}

Tensor ValueCache::find(const ValueKey& key)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(key);
    if (found == m_entries.end())
        return {};
    Entry& entry = found->second;
    m_order.erase({entry.priority, key});
    entry.priority = m_age + entry.worth;
    m_order.emplace(entry.priority, key);
    return entry.tensor;
}

void ValueCache::insert(const ValueKey& key, const Tensor& tensor, double cost)
{
    const size_t size = tensor.sizeBytes();
    const std::lock_guard lock(m_mutex);
    if (size > m_budget || size == 0 || m_entries.contains(key))
        return;
    evictTo(m_budget - size);
    const double worth = cost / static_cast<double>(size);
    m_entries.emplace(key, Entry{tensor, worth, m_age + worth});
    m_order.emplace(m_age + worth, key);
    m_bytes += size;
}

void ValueCache::evictTo(size_t bytes)
{
    while (m_bytes > bytes && !m_order.empty()) {
        const auto [priority, key] = *m_order.begin();
        m_order.erase(m_order.begin());
        const auto entry = m_entries.find(key);
        m_bytes -= entry->second.tensor.sizeBytes();
        m_entries.erase(entry);
        m_age = priority;
    }
}

void ValueCache::setBudget(size_t bytes)
{
    const std::lock_guard lock(m_mutex);
    m_budget = bytes;
    evictTo(bytes);
    trimPool();
}

size_t ValueCache::count() const
{
    const std::lock_guard lock(m_mutex);
    return m_entries.size();
}

void ValueCache::clear()
{
    const std::lock_guard lock(m_mutex);
    m_entries.clear();
    m_order.clear();
    m_bytes = 0;
    m_age = 0;
}

}  // namespace qs
