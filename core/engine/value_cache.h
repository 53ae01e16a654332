// Values of a network under keys that say what produced them, in a budget of bytes.
#pragma once

#include "core/engine/tensor.h"

#include <atomic>
#include <compare>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>

namespace qs {

/// 128 bits of a hash over everything that a value depends on: equal keys mean equal bits (a collision is less likely than a broken memory).
struct ValueKey {
    uint64_t high = 0;
    uint64_t low = 0;
    auto operator<=>(const ValueKey&) const = default;
};

struct ValueKeyHash {
    size_t operator()(const ValueKey& key) const { return key.low; }
};

/// Builds a key from parts; the order of the parts matters. Not for adversaries.
class KeyBuilder {
public:
    KeyBuilder& add(uint64_t word);
    KeyBuilder& add(const ValueKey& key) { return add(key.high).add(key.low); }
    KeyBuilder& add(std::string_view text) { return add(std::as_bytes(std::span(text))); }
    KeyBuilder& add(std::span<const std::byte> bytes);
    ValueKey key() const { return {m_high, m_low}; }

private:
    uint64_t m_high = 0x9e3779b97f4a7c15;
    uint64_t m_low = 0xd1b54a32d192ed03;
};

/// Greedy-Dual-Size: what is cheapest to compute again for its bytes goes first, and everything that is not used ages. Thread-safe: evaluators
/// that work side by side share one.
class ValueCache {
public:
    explicit ValueCache(size_t budgetBytes) : m_budget(budgetBytes) {}

    /// Empty where there is none. Makes it young again.
    Tensor find(const ValueKey& key);
    /// `cost`: what it takes to compute it again, in any unit that is the same for all. A value larger than the budget is not kept.
    void insert(const ValueKey& key, const Tensor& tensor, double cost);
    /// What is beyond a smaller one is given back at once.
    void setBudget(size_t bytes);
    void clear();

    /// Storage for the values of all evaluators that share the cache: what is evicted for one of them is used again by it, whoever computed it.
    const TensorPool& pool() const { return m_pool; }
    /// Storage that waits for reuse is bounded, too, by an eighth of the budget.
    void trimPool() { m_pool.trim(m_budget / 8); }

    size_t bytes() const { return m_bytes; }
    size_t budget() const { return m_budget; }
    size_t count() const;

private:
    struct Entry {
        Tensor tensor;
        double worth = 0;  ///< cost for a byte
        double priority = 0;
    };
    void evictTo(size_t bytes);

    TensorPool m_pool;
    mutable std::mutex m_mutex;
    std::unordered_map<ValueKey, Entry, ValueKeyHash> m_entries;
    std::set<std::pair<double, ValueKey>> m_order;  ///< by priority: the first is evicted first
    double m_age = 0;
    std::atomic<size_t> m_bytes = 0;
    std::atomic<size_t> m_budget;
};

}  // namespace qs
